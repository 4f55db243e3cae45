import type { Transport } from "../transports/transport.ts";
import { place, refusalOfHttp, spokenBy, stickyComment, wholeSeconds, type Proxy, type ProxyRequest } from "./proxy.ts";

/** nginx, configured for WebSocket, server-sent events, polling and gRPC. */
export const nginx = {
  program: "nginx",
  refuses: (transport, label) => refusalOfHttp("nginx", ["http1", "grpc"], transport, label),
  spoils: (transport: Transport) =>
    spokenBy(transport) === "grpc" && transport.options.tls
      ? "nginx holds the headers of a gRPC response over TLS back until its first message, and this client sends nothing before it has them: take --through haproxy or caddy."
      : undefined,
  configuration: (request) => file(request, site(request)),
} satisfies Proxy;

/** The same, but each connection may reach another server. */
export const nginxRoundRobin = {
  ...nginx,
  configuration: (request) => nginx.configuration({ ...request, sticky: false }),
} satisfies Proxy;

/** nginx as the first page of its documentation has it: proxy_pass alone. */
export const nginxDefault = {
  program: "nginx",
  refuses: (transport, label) =>
    spokenBy(transport) === "grpc"
      ? `nginx passes on gRPC with grpc_pass, and nginx-default has proxy_pass alone: take --through nginx.`
      : refusalOfHttp("nginx", ["http1"], transport, label),
  spoils: ({ protocols = [], streamsResponse }: Transport) => {
    if (streamsResponse)
      return "nginx speaks HTTP/1.0 with the servers, which knows no response without an end, and keeps a response back until its buffer is full, unless it is told `proxy_http_version 1.1` and `proxy_buffering off`: see --through nginx.";
    if (protocols.includes("ws"))
      return "nginx drops the header Upgrade and speaks HTTP/1.0 with the servers, unless it is told `proxy_http_version 1.1` and `proxy_set_header Upgrade`: see --through nginx.";
    return undefined;
  },
  configuration: (request) =>
    file(request, [
      "server {",
      `    listen ${listen(request)};`,
      ...tls(request),
      "    location / {",
      `        proxy_pass http://${place(request.servers[0]!)};`,
      "    }",
      "}",
    ]),
} satisfies Proxy;

/** The whole file around what is in `http`. */
function file({ connections, descriptors, folder }: ProxyRequest, lines: readonly string[]): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return [
    "worker_processes auto;",
    `worker_rlimit_nofile ${descriptors};`,
    "",
    "events {",
    "    # Both ends of each connection, and some to spare.",
    `    worker_connections ${Math.min(descriptors, 2 * connections + 256)};`,
    "}",
    "",
    "http {",
    "    access_log off;",
    "",
    ...indented(lines, 4),
    "",
    "    # Folders of this trial. Leave them out elsewhere.",
    ...temporary.map((name) => `    ${name}_temp_path ${folder}/${name};`),
    "}",
    "",
  ].join("\n");
}

function indented(lines: readonly string[], by: number): string[] {
  return lines.map((line) => (line === "" ? line : " ".repeat(by) + line));
}

function site(request: ProxyRequest): string[] {
  const { servers, sticky, speaks } = request;
  return [
    ...(speaks === "http1"
      ? [
          "# An upgrade of HTTP/1.1 goes on to the server; any other request leaves its connection open.",
          "map $http_upgrade $connection_upgrade {",
          "    default upgrade;",
          '    ""      "";',
          "}",
          "",
        ]
      : []),
    "upstream servers {",
    ...(sticky ? [`    ${stickyComment}`, "    hash $remote_addr consistent;"] : []),
    ...servers.map((server) => `    server ${place(server)};`),
    "    keepalive 64;",
    "}",
    "",
    "server {",
    `    listen ${listen(request)};`,
    ...tls(request),
    "    location / {",
    ...indented(speaks === "grpc" ? grpcLocation(request) : httpLocation(request), 8),
    "    }",
    "}",
  ];
}

function httpLocation({ silenceMs }: ProxyRequest): string[] {
  const silence = `${wholeSeconds(silenceMs)}s`;
  return [
    "proxy_pass http://servers;",
    "proxy_http_version 1.1;",
    "proxy_set_header Host $http_host;",
    "proxy_set_header Upgrade $http_upgrade;",
    "proxy_set_header Connection $connection_upgrade;",
    "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
    "",
    "# An event leaves as soon as the server has sent it.",
    "proxy_buffering off;",
    "proxy_request_buffering off;",
    "client_max_body_size 0;",
    "",
    "# Longer than a poll is held, and than two heartbeats.",
    `proxy_read_timeout ${silence};`,
    `proxy_send_timeout ${silence};`,
  ];
}

function grpcLocation({ silenceMs }: ProxyRequest): string[] {
  const silence = `${wholeSeconds(silenceMs)}s`;
  return [
    "grpc_pass grpc://servers;",
    "client_max_body_size 0;",
    "",
    "# Longer than a stream is silent.",
    `grpc_read_timeout ${silence};`,
    `grpc_send_timeout ${silence};`,
    `client_body_timeout ${silence};`,
  ];
}

function listen({ front, speaks, pem }: ProxyRequest): string {
  return `${place(front)}${pem === undefined ? "" : " ssl"}${speaks === "grpc" ? " http2" : ""} backlog=4096`;
}

function tls({ pem }: ProxyRequest): string[] {
  if (pem === undefined) return [];
  return [`    ssl_certificate ${pem};`, `    ssl_certificate_key ${pem};`, "    ssl_protocols TLSv1.3;"];
}
