/** Variables that make programs and libraries send their requests through a proxy, in either case. */
const proxyVariable = /^(no_)?(\w+_)?proxy$|^node_use_env_proxy$/i;

/** An environment in which no program takes a proxy: servers are on this machine, or are named by their address. */
export function withoutProxies(environment: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !proxyVariable.test(name)));
}
