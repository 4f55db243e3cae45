import { randomBytes, X509Certificate } from "node:crypto";
import { connect as connectTls } from "node:tls";
import { setTimeout as delay } from "node:timers/promises";
import { authority } from "../lib/addresses.ts";
import type { Address, Connection, Options } from "../contract.ts";
import { UserError } from "../lib/errors.ts";
import { connectReason, connectRemedy } from "./connect-advice.ts";
import { retryUntilAnswered } from "../lib/retry.ts";
import type { Settings } from "../definitions/settings.ts";
import { openDialer, type Dialer } from "../load/dialer.ts";
import { loadTransport, optionsFor, transportLabel } from "../transports/load-transport.ts";

/** A connection that tries a server before the trial. */
interface ProbeConnection {
  connection: Connection;
  /** Texts that it received. */
  received: Set<string>;
  /** Rejects when the connection has ended. */
  ended: Promise<never>;
}

/** Milliseconds between two readings of what was received. */
const readMs = 10;

/**
 * Time for which clients stay connected without a message, so that those end whose server does not hold their polls or
 * holds polls that it should answer at once. A hasty client waits so long for an answer.
 */
const [idleMs, hastyMs] = [100, 500];

/** Applications that can be checked from outside: connections that the check takes, and what it says when it fails. */
const checks: Partial<Record<Settings["app"], { connections: number; failure: string }>> = {
  chat: { connections: 2, failure: "hosts no group chat: a message of one client did not reach another in its room" },
  echo: { connections: 1, failure: "hosts no echo: a message of a client did not come back" },
};

/** What the scenario of a target is asked for. */
type ScenarioOfTarget = Pick<Settings, "scenario" | "app" | "senderSide" | "idleCycles">;

/** Throws a UserError where a scenario cannot be measured with a server that is none of ours. */
export function assertFitsTarget({ scenario, app, senderSide = "clients", idleCycles }: ScenarioOfTarget): void {
  if (checks[app] && senderSide === "clients" && !idleCycles) return;
  throw new UserError(
    `${scenario} needs numbers that only our own server reports. Drop --target, or use a chat or echo scenario.`,
  );
}

/**
 * Connects to a target as the clients of a trial will, and exchanges a message. Throws a UserError, one sentence with a
 * remedy, where no server answers, it speaks another protocol, it does not behave as the scenario's application, or it
 * treats idle clients otherwise than the transport's own server.
 * `visitor` is a line of --data. Returns the address; over TLS with the certificates that the target presents, which are trusted.
 */
export async function checkTarget(
  name: string,
  target: Address,
  settings: ScenarioOfTarget,
  overrides: Partial<Options> = {},
  visitor?: Readonly<Record<string, string>>,
): Promise<Address> {
  assertFitsTarget(settings);
  const check = checks[settings.app]!;
  const transport = await loadTransport(name);
  const [label, where] = [transportLabel(name), authority(target)];
  const options = optionsFor(transport, overrides);
  const data = visitor && { data: { 0: visitor } };
  const marker = randomBytes(6).toString("hex");
  const probes: ProbeConnection[] = [];
  const fail = (what: string, error: unknown): never => {
    const remedy = connectRemedy(error) ?? `Is it a server for ${label}, such as npm run serve starts?`;
    throw new UserError(`${where} ${what} (${connectReason(error)}). ${remedy}`);
  };
  const withCertificate = async (): Promise<Address> =>
    options.tls && !target.tls ? { ...target, certificate: await presentedBy(target, options.handshakeMs) } : target;
  try {
    const address = await withCertificate().catch((error: unknown) => fail("does not speak TLS", error));
    const cannotJoin = (error: unknown): never => fail("cannot be joined", error);
    const dialer = await openDialer({ transport: name, options, addresses: [[address]], ...data }).catch(cannotJoin);
    for (let i = 0; i < check.connections; i++) {
      probes.push(await openProbe(dialer, options.phase).catch(cannotJoin));
      await sendAndWait(dialer, probes.at(-1)!, `room ${marker}`, probes.slice(-1)).catch((error: unknown) =>
        fail("did not answer a first message", error),
      );
    }
    await sendAndWait(dialer, probes[0]!, `text ${marker}`, probes).catch((error: unknown) =>
      fail(check.failure, error),
    );
    const idle = async (): Promise<void> => {
      if (dialer.deliveryBoundMs === 0) return stayIdle(probes, idleMs);
      const hastyOptions = { ...options, handshakeMs: Math.min(hastyMs, options.handshakeMs) };
      const hastyDialer = await openDialer({ transport: name, options: hastyOptions, addresses: [[address]], ...data });
      const hasty = await openProbe(hastyDialer, options.phase);
      probes.push(hasty);
      // A poll that was cut off is repeated once, and undici may be a second late.
      await stayIdle([hasty], dialer.deliveryBoundMs + 2 * (hastyMs + 1_000));
    };
    await idle().catch((error: unknown) => fail("behaves otherwise while nobody sends", error));
    return address;
  } finally {
    for (const { connection } of probes) connection.close();
  }
}

/** Certificates that a server presents, as PEM, its own first. */
function presentedBy({ host, port }: Address, timeoutMs: number): Promise<string> {
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

async function openProbe(dialer: Dialer, phase: number): Promise<ProbeConnection> {
  const received = new Set<string>();
  let end!: (error: Error) => void;
  const ended = new Promise<never>((_resolve, reject) => (end = reject));
  ended.catch(() => undefined);
  const connection = await dialer.connect(
    {
      receive: (payload, text) => text && received.add(payload.toString()),
      closed: (error) => end(error ?? new Error("it closed the connection")),
    },
    { server: 0, index: 0, phase, client: 0, room: 0 },
  );
  return { connection, received, ended };
}

/** Waits for `ms` milliseconds. Rejects where one of the connections ends before. */
async function stayIdle(probes: readonly ProbeConnection[], ms: number): Promise<void> {
  await Promise.race([delay(ms), ...probes.map(({ ended }) => ended)]);
}

/**
 * Sends a text and waits until all receivers have it. Rejects where one of them has ended, or does not have it in time.
 */
async function sendAndWait(
  { responseTimeoutMs, retryMs }: Dialer,
  sender: ProbeConnection,
  text: string,
  receivers: readonly ProbeConnection[],
) {
  const sending = retryUntilAnswered<ProbeConnection>(
    ({ connection }) => connection.send(Buffer.from(text), true),
    retryMs,
  );
  let timer: NodeJS.Timeout | undefined;
  const all = new Promise<void>((resolve, reject) => {
    const giveUpMs = performance.now() + responseTimeoutMs;
    timer = setInterval(() => {
      if (receivers.every(({ received }) => received.has(text))) resolve();
      else if (performance.now() > giveUpMs) reject(new Error(`it was not received in ${responseTimeoutMs / 1000} s`));
    }, readMs);
  });
  try {
    sending.send(sender);
    await Promise.race([all, ...receivers.map(({ ended }) => ended)]);
  } finally {
    clearInterval(timer);
    sending.stop();
  }
}
