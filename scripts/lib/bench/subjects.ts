import type { TLSSocket } from "node:tls";
import { clientSockets } from "../../../scenarios/transports.ts";
import type { Settings } from "../../../scenarios/definitions/settings.ts";
import type { Target } from "../../../scenarios/definitions/target.ts";
import { placeholdersIn } from "../../../scenarios/lib/template.ts";
import { errorMessage, UserError } from "../../../scenarios/lib/errors.ts";
import { accepts } from "../../../scenarios/lib/accepting.ts";
import { startTarget } from "../../../scenarios/load/started-target.ts";
import { withoutSecrets } from "../../../scenarios/lib/secrets.ts";
import { assertFitsTarget, checkTarget } from "../../../scenarios/runner/check-target.ts";
import { visitTarget } from "../../../scenarios/runner/visit-target.ts";
import { isLoopback } from "../../../scenarios/lib/addresses.ts";
import { transportLabel } from "../../../scenarios/transports/load-transport.ts";
import { cannotJoin } from "../../../scenarios/runner/connect-advice.ts";
import type { BenchFlags } from "./options.ts";
import { assertEnoughData, assertNoTargetFlags, chooseTarget } from "./target-flags.ts";

/** A transport that a run measures, and the server at which it is measured. Default: the transport's own server. */
export interface Subject {
  transport: string;
  target?: Target;
}

/** True for the path of a dialect file. */
export function isDialectFile(name: string): boolean {
  return /\.ya?ml$/i.test(name);
}

/**
 * The subjects of a run: the transports that the flags name, the servers of dialect files among them, or one target.
 * Throws a UserError where the flags do not fit together.
 */
export async function chooseSubjects(flags: BenchFlags): Promise<Subject[]> {
  const { transports, namesTransports } = flags;
  if (flags.target === undefined && flags.dialect === undefined) {
    assertNoTargetFlags(flags);
    const chosen = async (transport: string): Promise<Subject> =>
      isDialectFile(transport) ? chooseTarget({ dialect: transport }, undefined) : { transport };
    return Promise.all(transports.map(chosen));
  }
  const named = namesTransports ? transports : [];
  if (named.length > 1)
    throw new UserError(
      `A target has one transport, and --transports names ${named.length}: name one, or none if the URL says it.`,
    );
  return [await chooseTarget(flags, named[0])];
}

/** Name of a subject in rows and messages. */
export function subjectLabel({ transport, target }: Subject): string {
  return target?.label ?? transportLabel(transport);
}

/** Settings of a trial at a subject: whether a speaker hears itself. */
export function settingsAt({ target }: Subject, settings: Settings): Settings {
  return target?.dialect?.speakerExcluded ? { ...settings, speakerExcluded: true } : settings;
}

/** Deliveries per second that a target gets unless --rate was given. */
const politeDeliveriesPerS = 2_000;

/**
 * Settings for a subject: who hears a message, and a bound on the load of a server on another machine. Throws a UserError
 * where the server cannot have this scenario.
 */
export function settingsFor(subject: Subject, settings: Settings, flags: BenchFlags): Settings {
  const { target } = subject;
  if (!target) return settings;
  assertEnoughData(target, settings.clients, flags);
  const { dialect } = target;
  if (dialect) assertSpeaks(target, settings);
  const receivers = settings.app === "chat" ? settings.clients / settings.rooms : 1;
  const bounded = Number((politeDeliveriesPerS / receivers).toPrecision(2));
  const isOurs =
    target.start !== undefined || target.addresses.every((each) => each.socketPath !== undefined || isLoopback(each));
  const ratePerS = isOurs || flags.rate !== undefined ? settings.ratePerS : Math.min(settings.ratePerS, bounded);
  return settingsAt(subject, { ...settings, ratePerS });
}

function assertSpeaks({ dialect, addresses }: Target, { payloadKind, rooms, app, scenario }: Settings): void {
  const { name, say } = dialect!;
  if (payloadKind === "binary" && say !== undefined)
    throw new UserError(`The dialect ${name} says texts, and this scenario sends binary: give --payload-kind text.`);
  const { enter, socketIo, mqtt, polling, sse } = dialect!;
  const places = [
    JSON.stringify([enter, say, socketIo, mqtt, polling, sse]),
    addresses[0]!.path ?? "",
    ...Object.values(addresses[0]!.headers ?? {}),
  ];
  if (app !== "chat" || rooms === 1 || places.some((text) => placeholdersIn(text).includes("room"))) return;
  throw new UserError(
    `${scenario} has ${rooms} rooms, and the dialect ${name} does not say which room a client is in: write {{room}} into a step of "enter:", or use a scenario with one room.`,
  );
}

/** What TLS negotiates with a target. Throws a UserError where there is no handshake. */
async function negotiatedWith(target: Target): Promise<string> {
  const { dial } = await clientSockets();
  try {
    const socket = (await dial(target.addresses[0]!, handshakeMs)) as TLSSocket;
    const { name: cipher } = socket.getCipher();
    const exchange = (socket.getEphemeralKeyInfo() as { name?: string } | null)?.name;
    const parts = [socket.getProtocol(), cipher, exchange].filter((part) => typeof part === "string");
    socket.destroy();
    return parts.join(" ");
  } catch (error) {
    throw new UserError(withoutSecrets(cannotJoin(target, error)));
  }
}

/** Longest time of a TLS handshake. */
const handshakeMs = 10_000;
/** Longest time that an answer may take in the check before a run. */
const answerMs = 5_000;

/**
 * Visits the target of a subject as the clients of a trial will. Throws a UserError, one sentence with a remedy, where
 * it cannot be joined or does not behave as the scenario's application. Resolves to the subject, over TLS to a server of
 * ours with its certificate.
 */
export async function checkSubject(subject: Subject, settings: Settings): Promise<Subject> {
  const { transport, target: named } = subject;
  if (!named) return subject;
  assertFitsTarget(settings);
  return named.start === undefined
    ? checkRunning(transport, named, settings)
    : checkStarted(transport, named, settings);
}

/** Starts a target for the check, where nothing else has its address: in a trial it has a network of its own. */
async function checkStarted(transport: string, target: Target, settings: Settings): Promise<Subject> {
  for (const address of target.addresses) if (await accepts(address)) return { transport, target };
  const server = await startTarget(target, target.start!).catch((error: unknown) => {
    throw new UserError(withoutSecrets(errorMessage(error)));
  });
  try {
    return await checkRunning(transport, target, settings);
  } finally {
    await server.close();
  }
}

async function checkRunning(transport: string, named: Target, settings: Settings): Promise<Subject> {
  const target = named.addresses[0]!.tls ? { ...named, negotiated: await negotiatedWith(named) } : named;
  if (!target.dialect) {
    const address = await checkTarget(transport, target.addresses[0]!, settings, {}, target.data?.[0]);
    return { transport, target: { ...target, addresses: [address, ...target.addresses.slice(1)] } };
  }
  const visit = await visitTarget(transport, target, answerMs).catch((error: unknown) => {
    throw new UserError(withoutSecrets(cannotJoin(target, error)));
  });
  const { toSpeakerUs, toOtherUs, ended } = visit;
  const toOthers = settings.app === "chat" && settings.clients / settings.rooms > 1;
  const missing =
    (!settings.speakerExcluded && toSpeakerUs === undefined && "its speaker") ||
    (toOthers && toOtherUs === undefined && "a second client in its room");
  if (missing)
    throw new UserError(
      `${target.title} did not send a text to ${missing}, as ${settings.scenario} expects${ended ? `: its connection ended (${ended.message})` : ""}: use --explain to see what it sent.`,
    );
  return { transport, target };
}
