import { describe, expect, it } from "vitest";
import { proxies } from "../proxies.ts";
import { transports } from "../transports.ts";
import type { Transport } from "../transports/transport.ts";
import { installedVersion, refusalIn } from "./programs.ts";
import { spokenBy, type Proxy, type ProxyRequest } from "./proxy.ts";

const request: ProxyRequest = {
  front: { host: "127.0.0.1", port: 8080 },
  servers: [{ host: "127.0.0.1", port: 9001 }],
  speaks: "http1",
  sticky: false,
  connections: 100,
  descriptors: 20_000,
  silenceMs: 60_000,
  folder: "/tmp/folder",
};
const two = { servers: [...request.servers, { host: "127.0.0.1", port: 9002 }] };

const configured = (name: keyof typeof proxies, changes: Partial<ProxyRequest> = {}): string =>
  proxies[name].configuration({ ...request, ...changes });

/** Names of the transports that a proxy refuses. */
const refusedBy = (proxy: Proxy): string[] =>
  Object.entries<Transport>(transports)
    .filter(([name, transport]) => proxy.refuses(transport, name) !== undefined)
    .map(([name]) => name);

describe("what proxies can carry", () => {
  it("every transport speaks HTTP/1.1, HTTP/2, gRPC, plain TCP, or not TCP alone", () => {
    const { "h2-sse": h2, grpc, ws, sse, mqtt, tcp, udp, webrtc } = transports as Record<string, Transport>;
    const spoken = [h2, grpc, ws, sse, mqtt, tcp, udp, webrtc].map((each) => spokenBy(each!));
    expect(spoken).toEqual(["http2", "grpc", "http1", "http1", "tcp", "tcp", undefined, undefined]);
  });

  it("a proxy for TCP refuses what needs more than TCP, and nothing else", () => {
    expect(refusedBy(proxies["haproxy-tcp"])).toEqual(["udp", "webrtc"]);
  });

  it("a proxy for HTTP refuses what is none, and nginx what speaks HTTP/2 to the server", () => {
    const tcpOnly = [
      "tcp",
      "tcp-library",
      "tcp-lines",
      "python-lines",
      "udp",
      "mqtt",
      "mqtt-qos1",
      "mqtt-session",
      "webrtc",
    ];
    expect(refusedBy(proxies.haproxy)).toEqual(tcpOnly);
    expect(refusedBy(proxies.caddy)).toEqual(tcpOnly);
    expect(refusedBy(proxies.nginx).toSorted()).toEqual(
      [...tcpOnly, "h2-short-poll", "h2-long-poll", "h2-sse"].toSorted(),
    );
    expect(proxies.nginx.refuses(transports.tcp, "tcp")).toMatch(
      /nginx passes on HTTP, and tcp is none: --through haproxy-tcp/,
    );
  });

  it("nginx as it comes spoils WebSocket and streams, and says which directive is missing", () => {
    const { spoils } = proxies["nginx-default"];
    expect(spoils(transports.ws)).toContain("proxy_set_header Upgrade");
    expect(spoils(transports.sse)).toContain("proxy_buffering off");
    expect(spoils(transports["long-poll"])).toBeUndefined();
  });
});

describe("configurations", () => {
  it("nginx passes on upgrades and events at once, and waits longer than a connection is silent", () => {
    const text = configured("nginx");
    for (const line of [
      "proxy_http_version 1.1;",
      "proxy_set_header Upgrade $http_upgrade;",
      "proxy_buffering off;",
      "proxy_read_timeout 60s;",
      "server 127.0.0.1:9001;",
      "listen 127.0.0.1:8080 backlog=4096;",
    ])
      expect(text).toContain(` ${line}\n`);
    expect(text).not.toMatch(/ +\n/);
    expect(configured("nginx-default")).not.toMatch(/proxy_(?!pass|temp_path)/);
  });

  it("nginx passes on gRPC by grpc_pass over HTTP/2", () => {
    expect(configured("nginx", { speaks: "grpc" })).toMatch(
      /listen 127\.0\.0\.1:8080 http2 .*grpc_pass grpc:\/\/servers;/s,
    );
  });

  it("a client stays at one of several servers where that is asked for, and not otherwise", () => {
    const sticky = { ...two, sticky: true };
    expect(configured("nginx", sticky)).toContain("hash $remote_addr consistent;");
    expect(configured("haproxy", sticky)).toContain("balance source");
    expect(configured("caddy", sticky)).toContain("lb_policy ip_hash");
    expect(configured("nginx-round-robin", sticky)).not.toContain("hash");
    expect(configured("haproxy", two)).toContain("balance roundrobin");
    for (const name of ["nginx", "haproxy", "caddy"] as const)
      expect(configured(name)).not.toMatch(/hash|balance|lb_policy/);
  });

  it("TLS ends at a proxy for HTTP, and goes on through one for TCP", () => {
    const tls = { pem: "/tmp/identity.pem" };
    for (const name of ["nginx", "haproxy", "caddy"] as const)
      expect(configured(name, tls)).toContain("/tmp/identity.pem");
    expect(configured("haproxy-tcp", tls)).not.toContain("identity.pem");
    expect(configured("haproxy", { ...tls, speaks: "http2" })).toContain("alpn h2\n");
  });

  it("HAProxy holds no event back", () => {
    expect(configured("haproxy")).toContain(" option http-no-delay\n");
    expect(configured("haproxy-tcp")).not.toContain("http-no-delay");
  });

  it("HAProxy asks for no more connections than it has descriptors for", () => {
    expect(configured("haproxy", { connections: 50_000 })).toContain("maxconn 9950\n");
    expect(configured("haproxy")).toContain("maxconn 164\n");
  });
});

it("a program that is not installed is one sentence with the command that installs it", async () => {
  await expect(installedVersion("nginx", "nginx", { PATH: "/nowhere" })).rejects.toThrow(
    /^--through nginx needs nginx, which is not installed: apt-get install nginx-light$/,
  );
});

it("finds the reason in what a program prints of its configuration", () => {
  expect(refusalIn('{"level":"info"}\nError: adapting config: unknown option\n')).toBe(
    "Error: adapting config: unknown option",
  );
  expect(refusalIn("2026/12/01 [emerg] 1#1: no port\nnginx: test failed\n")).toBe("2026/12/01 [emerg] 1#1: no port");
  expect(refusalIn("cannot be read\n")).toBe("cannot be read");
});
