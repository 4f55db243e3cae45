import type { Address, Options } from "../../../scenarios/contract.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { defaultOptions, loadTransport, transportLabel } from "../../../scenarios/transports/load-transport.ts";
import { listen } from "../../../servers/lib/hosting/listen.ts";
import { httpServer, notFound } from "../../../servers/lib/http/http-server.ts";
import { pageRefusal } from "./about.ts";
import { chatPages } from "./pages.ts";
import { asUserError, serveTransport, type Hosted, type ServedTransport } from "./served-transport.ts";

/** Several servers, and the address of the one page that joins all of them. */
export interface SideBySide {
  page: Address;
  served: readonly ServedTransport[];
  close(): Promise<void>;
}

/** Throws a UserError if the page cannot join one of these from another port, without TLS, or there are too few ports. */
export async function assertPageCanJoin(names: readonly string[], port: number): Promise<void> {
  if (port + names.length > 65_535)
    throw new UserError(`--port ${port} leaves no room for ${names.length} servers after it: take a lower one.`);
  for (const name of names) {
    const transport = await loadTransport(name);
    const label = transportLabel(name);
    if (transport.options.tls)
      throw new UserError(
        `--all cannot serve ${label}: a browser asks about the certificate of each port. Name ${label} with --transport.`,
      );
    const refusal = pageRefusal(name, transport);
    if (refusal !== undefined) throw new UserError(`--all cannot serve ${label}. ${refusal}`);
  }
}

/**
 * Starts a server for each transport at the ports that follow `port`, and a server at `port` that has nothing but the
 * page. So the page's own requests are not in what the others count. Throws a UserError if one of them cannot listen.
 */
export async function serveSideBySide(
  names: readonly string[],
  hostedBy: (label: string) => Hosted,
  { host, port }: Pick<Options, "host" | "port">,
): Promise<SideBySide> {
  const served: ServedTransport[] = [];
  let app = "";
  const closeServers = (): Promise<unknown> => Promise.all(served.map(({ server }) => server.close()));
  try {
    for (const [i, name] of names.entries()) {
      const own = port === 0 ? 0 : port + 1 + i;
      const hosted = hostedBy(transportLabel(name));
      app = hosted.settings.app;
      served.push(await serveTransport(name, hosted, { host, port: own }, false));
    }
    const abouts = served.map(({ about, server }) => ({ ...about!, port: server.addresses[0]!.port }));
    const pages = chatPages(
      () => ({ app, transports: abouts }),
      () => Object.fromEntries(served.map(({ name, counted }) => [name, counted()!])),
    );
    const options: Options = { ...defaultOptions, host, port, pages };
    const listener = await listen(httpServer(options, options.idleMs, notFound), options).catch(asUserError);
    return {
      page: listener.addresses[0]!,
      served,
      async close() {
        await Promise.all([closeServers(), listener.close()]);
      },
    };
  } catch (error) {
    await closeServers();
    throw error;
  }
}
