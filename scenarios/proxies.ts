import { caddy } from "./proxies/caddy.ts";
import { haproxy, haproxyTcp } from "./proxies/haproxy.ts";
import { nginx, nginxDefault, nginxRoundRobin } from "./proxies/nginx.ts";
import type { Proxy } from "./proxies/proxy.ts";

/** Every reverse proxy by name. To add one, write its configuration and an entry here. */
export const proxies = {
  nginx,
  "nginx-default": nginxDefault,
  "nginx-round-robin": nginxRoundRobin,
  haproxy,
  "haproxy-tcp": haproxyTcp,
  caddy,
} satisfies Record<string, Proxy>;

/** Name of a proxy on the list. */
export type ProxyName = keyof typeof proxies;
