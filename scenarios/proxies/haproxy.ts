import {
  notOverTcp,
  place,
  refusalOfHttp,
  spokenBy,
  stickyComment,
  wholeSeconds,
  type Proxy,
  type ProxyRequest,
  type Spoken,
} from "./proxy.ts";

/** HAProxy as a proxy for HTTP. */
export const haproxy = {
  program: "haproxy",
  refuses: (transport, label) => refusalOfHttp("HAProxy in mode http", ["http1", "http2", "grpc"], transport, label),
  configuration: (request) => file(request, "http"),
} satisfies Proxy;

/** HAProxy as a proxy for TCP: it looks into nothing. */
export const haproxyTcp = {
  program: "haproxy",
  refuses: (transport, label) => (spokenBy(transport) === undefined ? notOverTcp("HAProxy", label) : undefined),
  passesTls: true,
  configuration: (request) => file({ ...request, pem: undefined }, "tcp"),
} satisfies Proxy;

/** What both ends of a connection speak, as an option of `bind` and `server`. */
const protocolOption: Record<Spoken, string> = { http1: "", http2: " proto h2", grpc: " proto h2", tcp: "" };

function file(request: ProxyRequest, mode: "http" | "tcp"): string {
  const { front, servers, speaks, sticky, connections, descriptors, silenceMs, pem } = request;
  const silence = `${wholeSeconds(silenceMs)}s`;
  const protocol = mode === "http" ? protocolOption[speaks] : "";
  // A listener over TLS learns the protocol from ALPN.
  const tls = pem === undefined ? protocol : ` ssl crt ${pem} ssl-min-ver TLSv1.3 alpn ${protocol ? "h2" : "http/1.1"}`;
  return [
    "global",
    "    # Two descriptors each, and HAProxy starts only if it may have all of them.",
    `    maxconn ${Math.min(connections + 64, Math.floor((descriptors - 100) / 2))}`,
    "",
    "defaults",
    `    mode ${mode}`,
    "    timeout connect 5s",
    "    # Longer than a poll is held, and than two heartbeats.",
    `    timeout client ${silence}`,
    `    timeout server ${silence}`,
    ...(mode === "http"
      ? [
          "    # Of a connection that was upgraded to WebSocket.",
          `    timeout tunnel ${silence}`,
          "    # A small part of a response leaves at once. Without it, an event waits for more to come.",
          "    option http-no-delay",
        ]
      : []),
    "",
    "frontend front",
    `    bind ${place(front)} backlog 4096${tls}`,
    ...(mode === "http" ? ["    option forwardfor"] : []),
    "    default_backend servers",
    "",
    "backend servers",
    ...(sticky ? [`    ${stickyComment}`, "    balance source"] : []),
    ...(!sticky && servers.length > 1 ? ["    balance roundrobin"] : []),
    ...servers.map((server, i) => `    server server-${i + 1} ${place(server)}${protocol}`),
    "",
  ].join("\n");
}
