import { randomBytes, X509Certificate } from "node:crypto";
import { connect as connectTls } from "node:tls";
import { authority } from "../lib/addresses.ts";
import type { Address, Connection, Options } from "../contract.ts";
import { errorMessage, UserError } from "../lib/errors.ts";
import { retryUntilAnswered } from "../lib/retry.ts";
import type { Settings } from "../definitions/settings.ts";
import type { Transport } from "../transports/transport.ts";
import { loadTransport, optionsFor, transportLabel } from "../transports/load-transport.ts";

/** Who tries a server before a trial does. */
interface ProbeConnection {
  link: Connection;
  /** Texts that were heard. */
  heard: Set<string>;
  /** Rejects when the link has ended. */
  ended: Promise<never>;
}

/** How often is asked whether something was heard, and how often it is said again where it may get lost. */
const [lookMs, retryMs] = [10, 1_000];

/** What can be asked of a server that is not ours, and how the answer would be missed. */
const conduct: Partial<Record<Settings["app"], { visitors: number; missing: string }>> = {
  chat: { visitors: 2, missing: "hosts no group chat: what one client said did not reach another in its room" },
  echo: { visitors: 1, missing: "hosts no robot chat: what a client said did not come back" },
};

/**
 * Joins a server that is not ours as a trial's clients will and has a word with it. Throws a UserError, one sentence that says what to do,
 * where nobody is there, it speaks something else, or it does not answer as the scenario's application does. Returns the address, with the
 * certificates that are shown there where it speaks TLS: whoever is there is believed.
 */
export async function checkTarget(
  name: string,
  target: Address,
  {
    scenario,
    app,
    senderSide = "clients",
    idleCycles,
  }: Pick<Settings, "scenario" | "app" | "senderSide" | "idleCycles">,
  overrides: Partial<Options> = {},
): Promise<Address> {
  const asked = conduct[app];
  if (!asked || senderSide !== "clients" || idleCycles)
    throw new UserError(
      `Only its own server can tell what ${scenario} asks: leave --target out, or take a chat or echo.`,
    );
  const transport = await loadTransport(name);
  const [label, where] = [transportLabel(name), authority(target)];
  const options = optionsFor(transport, overrides);
  const waitMs = options.handshakeMs + 3 * (transport.guarantees.deliveryBoundMs?.(options) ?? 0);
  const again = transport.guarantees.reliable === false ? retryMs : Infinity;
  const word = randomBytes(6).toString("hex");
  const visitors: ProbeConnection[] = [];
  const sure = (what: string, error: unknown): never => {
    throw new UserError(
      `${where} ${what} (${errorMessage(error)}). Is it a server for ${label}, such as npm run serve starts?`,
    );
  };
  const certified = async (): Promise<Address> =>
    options.tls ? { ...target, certificate: await shownAt(target, options.handshakeMs) } : target;
  try {
    const address = await certified().catch((error: unknown) => sure("does not speak TLS", error));
    for (let i = 0; i < asked.visitors; i++) {
      visitors.push(
        await openProbe(transport, address, options).catch((error: unknown) => sure("cannot be joined", error)),
      );
      const greeting = `room ${word}`;
      await said(visitors.at(-1)!, greeting, visitors.slice(-1), waitMs, again).catch((error: unknown) =>
        sure("did not answer a first message", error),
      );
    }
    await said(visitors[0]!, `word ${word}`, visitors, waitMs, again).catch((error: unknown) =>
      sure(asked.missing, error),
    );
    return address;
  } finally {
    for (const { link: connection } of visitors) connection.close();
  }
}

/** The certificates that a server shows, as PEM, its own first. */
function shownAt({ host, port }: Address, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host, port, rejectUnauthorized: false, timeout: timeoutMs });
    socket.once("error", reject);
    socket.once("timeout", () => socket.destroy(new Error(`no handshake in ${timeoutMs / 1000} s`)));
    socket.once("secureConnect", () => {
      const shown = new Set<Buffer>();
      for (let each = socket.getPeerCertificate(true); each?.raw && !shown.has(each.raw); each = each.issuerCertificate)
        shown.add(each.raw);
      resolve([...shown].map((raw) => new X509Certificate(raw).toString()).join(""));
      socket.end();
    });
  });
}

async function openProbe(transport: Transport, target: Address, options: Options): Promise<ProbeConnection> {
  const { default: connect } = await transport.client();
  const received = new Set<string>();
  let end!: (error: Error) => void;
  const ended = new Promise<never>((_resolve, reject) => (end = reject));
  ended.catch(() => undefined);
  const connection = await connect(
    target,
    {
      receive: (payload, text) => text && received.add(payload.toString()),
      closed: (error) => end(error ?? new Error("it closed the link")),
    },
    options,
  );
  return { link: connection, heard: received, ended };
}

/** Says a text and waits until all of these have heard it. Rejects where one of them is gone, or has not heard it in time. */
async function said(
  sender: ProbeConnection,
  text: string,
  listeners: readonly ProbeConnection[],
  waitMs: number,
  again: number,
) {
  const saying = retryUntilAnswered<ProbeConnection>(
    ({ link: connection }) => connection.send(Buffer.from(text), true),
    again,
  );
  let timer: NodeJS.Timeout | undefined;
  const everybody = new Promise<void>((resolve, reject) => {
    const giveUpMs = performance.now() + waitMs;
    timer = setInterval(() => {
      if (listeners.every(({ heard: received }) => received.has(text))) resolve();
      else if (performance.now() > giveUpMs) reject(new Error(`nothing of the kind came in ${waitMs / 1000} s`));
    }, lookMs);
  });
  try {
    saying.send(sender);
    await Promise.race([everybody, ...listeners.map(({ ended }) => ended)]);
  } finally {
    clearInterval(timer);
    saying.stop();
  }
}
