import { expect, it } from "vitest";
import { withoutProxies } from "./proxies.ts";

it("leaves out every variable that names a proxy, in either case, and no other", () => {
  const proxies = ["http", "https", "all", "no", "grpc", "no_grpc", "ws", "socks", "npm_config"].map(
    (each) => `${each}_proxy`,
  );
  const all = [...proxies, ...proxies.map((each) => each.toUpperCase()), "NODE_USE_ENV_PROXY"];
  const others = { PATH: "/bin", MY_PROXY_LIST: "x", NODE_OPTIONS: "" };
  expect(withoutProxies({ ...Object.fromEntries(all.map((name) => [name, "http://127.0.0.1:9"])), ...others })).toEqual(
    others,
  );
});
