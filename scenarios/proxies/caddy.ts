import { place, refusalOfHttp, stickyComment, wholeSeconds, type Proxy, type ProxyRequest } from "./proxy.ts";

/** Caddy with reverse_proxy, which needs no further word for WebSocket and events. */
export const caddy = {
  program: "caddy",
  refuses: (transport, label) => refusalOfHttp("Caddy", ["http1", "http2", "grpc"], transport, label),
  configuration,
} satisfies Proxy;

function configuration({ front, servers, speaks, sticky, silenceMs, pem, folder }: ProxyRequest): string {
  const isHttp2 = speaks === "http2" || speaks === "grpc";
  return [
    "{",
    `    admin unix/${folder}/admin.sock`,
    "    auto_https off",
    "    servers {",
    `        protocols ${isHttp2 ? "h1 h2 h2c" : "h1"}`,
    "        timeouts {",
    `            idle ${wholeSeconds(silenceMs)}s`,
    "        }",
    "    }",
    "}",
    "",
    `:${front.port} {`,
    `    bind ${front.host}`,
    ...(pem === undefined ? [] : [`    tls ${pem} ${pem} {`, "        protocols tls1.3", "    }"]),
    `    reverse_proxy ${servers.map((server) => `${isHttp2 ? "h2c://" : ""}${place(server)}`).join(" ")} {`,
    ...(sticky ? [`        ${stickyComment}`, "        lb_policy ip_hash"] : []),
    ...(!sticky && servers.length > 1 ? ["        lb_policy round_robin"] : []),
    "    }",
    "}",
    "",
  ].join("\n");
}
