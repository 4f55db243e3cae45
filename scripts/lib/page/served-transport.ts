import { assertSupports, assertTls } from "../../../scenarios/definitions/compatibility.ts";
import type { App, ByteCounts, Options, Server } from "../../../scenarios/contract.ts";
import type { Settings } from "../../../scenarios/definitions/settings.ts";
import { errorMessage, UserError } from "../../../scenarios/lib/errors.ts";
import { loadTransport, optionsFor, transportLabel } from "../../../scenarios/transports/load-transport.ts";
import type { Transport } from "../../../scenarios/transports/transport.ts";
import { aboutTransport, pageRefusal, type AboutTransport } from "./about.ts";
import { chatPages, countedBytes, type CountedBytes } from "./pages.ts";

/** What is hosted: an application, and the settings of its scenario. */
export interface Hosted {
  app: App;
  settings: Settings;
}

/** A server that `npm run serve` has started. */
export interface ServedTransport {
  name: string;
  transport: Transport;
  server: Server;
  /** What the page has to know of it. Undefined where a page cannot speak to it. */
  about: AboutTransport | undefined;
  /** What it has counted for its clients. Undefined where that cannot be known. */
  counted(): CountedBytes | undefined;
}

/** People type slowly, so a polling client may be silent for this long before it is dropped. */
const idleMs = 5 * 60_000;

/**
 * Starts the server of a transport, with the page to chat in where a page can speak to it and `withPage` is set. Throws
 * a UserError if it cannot host this, or cannot listen.
 */
export async function serveTransport(
  name: string,
  { app, settings }: Hosted,
  { host, port }: Pick<Options, "host" | "port">,
  withPage: boolean,
): Promise<ServedTransport> {
  const transport = await loadTransport(name);
  await assertSupports(name, transport, settings);
  const { default: serve } = await transport.server();
  // `serveClient`: a Socket.IO server then offers its client library to browsers.
  const transportOptions = { ...transport.options.transportOptions, serveClient: true };
  const options = optionsFor(transport, { host, port, idleMs, transportOptions });
  const about = pageRefusal(name, transport) === undefined ? await aboutTransport(name, transport, options) : undefined;
  const pageBytes: ByteCounts = { in: 0, out: 0 };

  function counted(): CountedBytes | undefined {
    const traffic = server.traffic();
    return traffic && countedBytes(traffic, pageBytes);
  }
  function addPageBytes(bytes: ByteCounts): void {
    pageBytes.in += bytes.in;
    pageBytes.out += bytes.out;
  }
  if (about && withPage)
    options.pages = chatPages(
      () => ({ app: settings.app, transports: [about] }),
      () => ({ [about.name]: counted()! }),
      addPageBytes,
    );
  const server = await serve(app, options, settings.app).catch(asUserError);
  await requireTls(name, server, options);
  return { name: transportLabel(name), transport, server, about, counted };
}

/**
 * Turns an error of the system, such as a port that is in use, into a UserError. Rethrows every other error unchanged.
 */
export function asUserError(error: unknown): never {
  const { cause } = error as { cause?: NodeJS.ErrnoException };
  throw cause?.code === undefined ? error : new UserError(errorMessage(error), { cause });
}

/** Closes the server and throws if it must run over TLS and does not. */
async function requireTls(name: string, server: Server, options: Options): Promise<void> {
  try {
    assertTls(name, server, options);
  } catch (error) {
    await server.close();
    throw error;
  }
}
