import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { httpDate } from "../../servers/lib/http/http-date.ts";
import { formulaOf } from "./formulas.ts";
import { Kit, type TestClient, type TestServer } from "../../scenarios/conformance/test-kit.ts";
import type { Options, Traffic } from "../../scenarios/contract.ts";
import { sendOne, casePayload, waitForIdleWire, type ProofCase } from "./send-one.ts";
import { subtractTraffic } from "../../scenarios/lib/traffic-counters.ts";
import { settledTraffic, trafficOf } from "./compare-traffic.ts";
import { loadTransport, optionsFor } from "../../scenarios/transports/load-transport.ts";
import { type ByteCost, type ByteContext } from "./formula.ts";
import { until } from "../../scenarios/lib/until.ts";

/** What one thing cost, as the server counted it, and what its formula says. The two are equal or something is wrong. */
export interface Proof {
  subject: ProofCase["direction"] | "set-up" | "empty ask" | "heartbeat";
  /** Set where a message was sent. */
  message: ProofCase | undefined;
  measured: Traffic;
  expected: Traffic;
}

/** Sizes at and around which the length of a WebSocket frame takes more bytes, and the 92 of the usual comparison. */
const sizes = [0, 1, 92, 125, 126, 65_535, 65_536];

/** The messages that are weighed: either way, text and binary at every size, and text with escapes at some. */
export const proofCases: readonly ProofCase[] = (["send", "delivery"] as const).flatMap((direction) => [
  ...(["text", "binary"] as const).flatMap((kind) => sizes.map((payloadBytes) => ({ direction, kind, payloadBytes }))),
  ...[1, 92, 65_535].map((payloadBytes) => ({ direction, kind: "escapes" as const, payloadBytes })),
]);

const anyDelivery = { direction: "delivery", kind: "text", payloadBytes: 92 } as const;

/** Nothing happens by itself for as long as a proof takes, but for empty asks at intervals, which are subtracted. */
const undisturbed = { heartbeatMs: 600_000, holdMs: 600_000, pollIntervalMs: 100 };

/** Asks at intervals begin anywhere in the interval, and the first of them may open a connection: this one outlasts every set-up. */
const unasked = { pollIntervalMs: 600_000 };

/** What happens by itself happens soon, and leaves quiet in between. */
const lively = { heartbeatMs: 400, holdMs: 400, pollIntervalMs: 400 };

/** Those of the `cases` that a transport can carry. */
export async function casesFor(name: string): Promise<ProofCase[]> {
  const { maxPayloadBytes = Infinity, binary = true } = (await loadTransport(name)).guarantees;
  return proofCases.filter(
    ({ kind, payloadBytes }) => payloadBytes <= maxPayloadBytes && (binary || kind !== "binary"),
  );
}

/** Weighs everything about a transport on the list: its set-up, every case that it carries, and a round of idling. */
export async function proveTransport(name: string): Promise<Proof[]> {
  const { setUp, idle } = formulaOf(name);
  const proofs = [
    ...(setUp ? [await proveSetUp(name, setUp)] : []),
    ...(await proveMessages(name, await casesFor(name))),
  ];
  if (!idle) return proofs;
  const idling = await onTrial(name, lively, async ({ measure, proof }) => {
    const round = (before: Traffic, host: TestServer): Promise<void> =>
      until(() => !isDeepStrictEqual(host.traffic(), before), `${name} idles on`);
    return proof(idle.name, idle.cost, await measure(round));
  });
  return [...proofs, idling];
}

/** Weighs what passes until a client is there: where it tells the date in digits of different sizes, all in one second. */
async function proveSetUp(name: string, setUp: (place: ByteContext) => ByteCost): Promise<Proof> {
  const { remembers } = formulaOf(name);
  for (;;) {
    const date = httpDate();
    const proven = await onTrial(name, unasked, ({ begun, proof }) => proof("set-up", setUp, begun));
    if (!remembers || httpDate() === date) return proven;
  }
}

/** Weighs these messages one by one, on one client that is quiet before and after each. */
export function proveMessages(name: string, messages: readonly ProofCase[]): Promise<Proof[]> {
  const formula = formulaOf(name);
  return onTrial(name, undisturbed, async ({ measure, proof }) => {
    const proofs: Proof[] = [];
    for (const message of messages) {
      const { direction, kind } = message;
      const measured = await measure((_before, host, client) => sendOne(message, host, client));
      const cost = (place: ByteContext): ByteCost => formula[direction](casePayload(message), kind !== "binary", place);
      proofs.push(proof(direction, cost, measured, message));
    }
    return proofs;
  });
}

/** Whether all that was counted is as it has to be: bytes by role and direction, payloads, exchanges. */
export function proofHolds({ measured, expected }: Proof): boolean {
  return isDeepStrictEqual(measured, expected);
}

/** A server with one client, to be weighed. */
interface ProofTrial {
  /** All that was carried until the client was there and quiet. */
  begun: Traffic;
  /** What `act` cost, from a quiet moment before to one after; where the connection remembers, the second time in one second. */
  measure(act: (before: Traffic, host: TestServer, client: TestClient) => Promise<void>): Promise<Traffic>;
  /** Puts measured and expected side by side, less the strays that came between. */
  proof(what: Proof["subject"], cost: (place: ByteContext) => ByteCost, measured: Traffic, message?: ProofCase): Proof;
}

async function onTrial<T>(
  name: string,
  overrides: Partial<Options>,
  work: (trial: ProofTrial) => T,
): Promise<Awaited<T>> {
  const { backgroundTraffic, pauseMs, remembers } = formulaOf(name);
  const transport = await loadTransport(name);
  const kit = new Kit(name, transport);
  const options = optionsFor(transport, overrides);
  try {
    const host = await kit.serve({}, options);
    const relay = options.tls ? await kit.relay(host.addresses[0]!) : undefined;
    const address = relay?.address ?? host.addresses[0]!;
    const client = await kit.connect(address, options);
    if (pauseMs) await delay(pauseMs);
    return await work({
      begun: await waitForIdleWire(host),
      async measure(act) {
        if (client.received.length === 0 && options.tls) await sendOne(anyDelivery, host, client); // who asks has opened a connection for it
        for (;;) {
          const date = httpDate();
          if (remembers) await act(await waitForIdleWire(host), host, client);
          const before = await waitForIdleWire(host);
          await act(before, host, client);
          const measured = subtractTraffic(await waitForIdleWire(host), before);
          if (!remembers || httpDate() === date) return measured;
        }
      },
      proof(what, costAt, measured, message) {
        const place: ByteContext = { address, options, received: client.received.length, date: httpDate() };
        if (relay) place.hello = relay.opening!();
        const cost = costAt(place);
        const expected = trafficOf(cost, message);
        return {
          subject: what,
          message,
          measured: settledTraffic(measured, backgroundTraffic?.(place) ?? [], cost, expected),
          expected,
        };
      },
    });
  } finally {
    await kit.tidy();
  }
}
