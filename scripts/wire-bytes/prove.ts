import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { httpDate } from "../../servers/lib/http/http-date.ts";
import { formulaOf } from "./formulas.ts";
import { Kit, type TestClient, type TestServer } from "../../scenarios/conformance/test-kit.ts";
import type { Options, Traffic } from "../../scenarios/contract.ts";
import { sendOne, casePayload, type ProofCase } from "./send-one.ts";
import { addTraffic } from "../../scenarios/lib/traffic-counters.ts";
import { differenceOfEnds, subtractEnds, waitForIdleEnds, type BothEnds } from "./both-ends.ts";
import { normalizeTraffic, trafficOf } from "./compare-traffic.ts";
import { loadTransport, optionsFor } from "../../scenarios/transports/load-transport.ts";
import { type ByteCost, type ByteContext } from "./formula.ts";
import { until } from "../../scenarios/lib/until.ts";

/**
 * Traffic that one thing cost, as the server counted it, as the client counted it, and as its formula predicts it. The
 * proof holds where all are equal.
 */
export interface Proof {
  subject: ProofCase["direction"] | "set-up" | "empty poll" | "heartbeat";
  /** The message that was sent. Undefined for a set-up and for idle traffic. */
  message: ProofCase | undefined;
  measured: Traffic;
  /** Undefined if the client cannot count its bytes. */
  atClients: Traffic | undefined;
  expected: Traffic;
}

/** Payload sizes around which a WebSocket frame header grows, and 92 bytes, the size of the usual comparison. */
const payloadSizes = [0, 1, 92, 125, 126, 65_535, 65_536];

/** The messages of a proof, in both directions: text and binary of every size, and text with escapes of three sizes. */
export const proofCases: readonly ProofCase[] = (["send", "delivery"] as const).flatMap((direction) => [
  ...(["text", "binary"] as const).flatMap((kind) =>
    payloadSizes.map((payloadBytes) => ({ direction, kind, payloadBytes })),
  ),
  ...[1, 92, 65_535].map((payloadBytes) => ({ direction, kind: "escapes" as const, payloadBytes })),
]);

const exampleDelivery = { direction: "delivery", kind: "text", payloadBytes: 92 } as const;

/** Options without periodic traffic while messages are measured. Only empty polls remain, and they are subtracted. */
const quietOptions = { heartbeatMs: 600_000, holdMs: 600_000, pollIntervalMs: 100 };

/**
 * Options without a poll during a set-up: the interval is longer than any set-up takes. Polls start anywhere in the
 * interval, and the first one may open a connection.
 */
const noPollOptions = { pollIntervalMs: 600_000 };

/** Options with idle traffic soon and with a pause between two rounds of it. */
const shortIntervalOptions = { heartbeatMs: 400, holdMs: 400, pollIntervalMs: 400 };

/** The proof cases that a transport can carry. */
export async function casesFor(name: string): Promise<ProofCase[]> {
  const { maxPayloadBytes = Infinity, binary = true } = (await loadTransport(name)).guarantees;
  return proofCases.filter(
    ({ kind, payloadBytes }) => payloadBytes <= maxPayloadBytes && (binary || kind !== "binary"),
  );
}

/**
 * Measures everything about a transport that has a formula: its set-up, every case that it can carry, and one round of
 * idle traffic.
 */
export async function proveTransport(name: string): Promise<Proof[]> {
  const { setUp, idle } = formulaOf(name);
  const proofs = [
    ...(setUp ? [await proveSetUp(name, setUp)] : []),
    ...(await proveMessages(name, await casesFor(name))),
  ];
  if (!idle) return proofs;
  const idleProof = await withClient(name, shortIntervalOptions, async ({ measure, prove }) => {
    const waitForRound = (before: Traffic, host: TestServer): Promise<void> =>
      until(() => !isDeepStrictEqual(host.traffic(), before), `${name} has idle traffic`);
    return prove(idle.name, idle.cost, await measure(waitForRound));
  });
  return [...proofs, idleProof];
}

/**
 * Measures a set-up. Where headers are compressed, the size of the date varies, so it is repeated until one fits into
 * one second.
 */
async function proveSetUp(name: string, setUp: (context: ByteContext) => ByteCost): Promise<Proof> {
  const { compressesHeaders } = formulaOf(name);
  for (;;) {
    const date = httpDate();
    const proof = await withClient(name, noPollOptions, ({ setUpTraffic, prove }) =>
      prove("set-up", setUp, setUpTraffic),
    );
    if (!compressesHeaders || httpDate() === date) return proof;
  }
}

/** Measures these messages one by one, with one client, whose connection is idle before and after each. */
export function proveMessages(name: string, messages: readonly ProofCase[]): Promise<Proof[]> {
  const formula = formulaOf(name);
  return withClient(name, quietOptions, async ({ measure, prove }) => {
    const proofs: Proof[] = [];
    for (const message of messages) {
      const { direction, kind } = message;
      const measured = await measure((_before, host, client) => sendOne(message, host, client));
      const cost = (context: ByteContext): ByteCost =>
        formula[direction](casePayload(message), kind !== "binary", context);
      proofs.push(prove(direction, cost, measured, message));
    }
    return proofs;
  });
}

/** Tells whether all counters are as predicted, at both ends: bytes by role and direction, payloads, and polls. */
export function proofHolds({ measured, atClients = measured, expected }: Proof): boolean {
  return isDeepStrictEqual(measured, expected) && isDeepStrictEqual(atClients, expected);
}

/** A server with one connected client, whose traffic can be measured. */
interface ProofSession {
  /** Traffic from the start until the client was connected and idle. */
  setUpTraffic: BothEnds;
  /**
   * Traffic of `act`, from idle to idle. Where headers are compressed, `act` runs twice within one second and the
   * second counts.
   */
  measure(act: (before: Traffic, host: TestServer, client: TestClient) => Promise<void>): Promise<BothEnds>;
  /** Puts measured and expected traffic side by side, without the background traffic that occurred. */
  prove(
    subject: Proof["subject"],
    cost: (context: ByteContext) => ByteCost,
    ends: BothEnds,
    message?: ProofCase,
  ): Proof;
}

/** Runs `work` with a server and a connected client, and closes both afterwards. */
async function withClient<T>(
  name: string,
  overrides: Partial<Options>,
  work: (session: ProofSession) => T,
): Promise<Awaited<T>> {
  const { backgroundTraffic, setUpPauseMs, compressesHeaders } = formulaOf(name);
  const transport = await loadTransport(name);
  const kit = new Kit(name, transport);
  const options = optionsFor(transport, overrides);
  try {
    const host = await kit.serve({}, options);
    const relay = options.tls ? await kit.relay(host.addresses[0]!) : undefined;
    const address = relay?.address ?? host.addresses[0]!;
    const atStart = await waitForIdleEnds(host, address);
    const client = await kit.connect(address, options);
    if (setUpPauseMs) await delay(setUpPauseMs);
    return await work({
      setUpTraffic: subtractEnds(await waitForIdleEnds(host, address), atStart),
      async measure(act) {
        // A polling client opens a connection for its first poll. Over TLS that handshake comes before the measurement.
        if (client.received.length === 0 && options.tls) await sendOne(exampleDelivery, host, client);
        for (;;) {
          const date = httpDate();
          if (compressesHeaders) await act((await waitForIdleEnds(host, address)).server, host, client);
          const before = await waitForIdleEnds(host, address);
          await act(before.server, host, client);
          const ends = subtractEnds(await waitForIdleEnds(host, address), before);
          if (!compressesHeaders || httpDate() === date) return ends;
        }
      },
      prove(subject, costOf, { server, clients }, message) {
        const context: ByteContext = { address, options, received: client.received.length, date: httpDate() };
        if (relay) context.hello = relay.opening!();
        const cost = costOf(context);
        const expected = trafficOf(cost, message);
        const background = backgroundTraffic?.(context) ?? [];
        const measured = normalizeTraffic(server, background, cost, expected);
        const closed = relay ? relay.connections() - 1 : 0; // one connection of a client stays open
        const difference = clients && differenceOfEnds(server, clients, closed);
        const atClients = difference && addTraffic(measured, difference, 1);
        return { subject, message, measured, atClients, expected };
      },
    });
  } finally {
    await kit.tidy();
  }
}
