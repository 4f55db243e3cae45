import { randomBytes, randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Connect, Connection, ConnectionHandler, Options } from "../contract.ts";
import type { Target } from "../definitions/target.ts";
import { nowUs } from "../lib/clock.ts";
import { stampBytes, writeStamp } from "../lib/message-stamp.ts";
import { visitorValues, withValues } from "../lib/visitor.ts";
import { connectInTime } from "../transports/connect-in-time.ts";
import { clientSockets, dialectClient } from "../transports.ts";
import { loadTransport, optionsFor } from "../transports/load-transport.ts";

/** One message between a visitor and its target, without the frames of the transport. */
export interface VisitMessage {
  direction: "sent" | "received";
  bytes: Buffer;
}

/** What a visit to a target found. */
export interface Visit {
  /** Time to connect and to enter, in microseconds. */
  enteringUs: number;
  messages: readonly VisitMessage[];
  /** The payload that the first visitor said. */
  said: Buffer;
  /** Time until it came back to the speaker, and until it came to a second visitor; undefined where it did not. */
  toSpeakerUs: number | undefined;
  toOtherUs: number | undefined;
  /** Why the connection of the speaker ended. Undefined where it did not. */
  ended: Error | undefined;
  /** Bytes that passed the first visitor's sockets, in order, where the client's sockets can be seen. */
  wire: readonly VisitMessage[];
}

/** Milliseconds to listen before anything is said, and after the speaker has its text. */
const listenMs = 300;

/** A client that has come to a target, with what it heard. */
interface Visitor {
  connection: Connection;
  /** Times of payloads, by their text. */
  heard: Map<string, number>;
  ended: Error | undefined;
}

/**
 * Visits a target with two clients in the same room: the first says a text. Rejects where one of them cannot connect or
 * enter. `answerMs` is the longest time to wait for the text.
 */
export async function visitTarget(
  transport: string,
  target: Target,
  answerMs: number,
  overrides: Partial<Options> = {},
): Promise<Visit> {
  const options = optionsFor(await loadTransport(transport), overrides);
  const messages: VisitMessage[] = [];
  const wire: VisitMessage[] = [];
  const trial = randomBytes(4).toString("hex");
  const visitors: Visitor[] = [];
  const { tapSockets } = await clientSockets();
  try {
    tapSockets({
      sent: (bytes) => wire.push({ direction: "sent", bytes }),
      received: (bytes) => wire.push({ direction: "received", bytes }),
    });
    const startUs = nowUs();
    visitors.push(await enter(await recordingClient(transport, target, messages), target, options, trial, 0));
    const enteringUs = nowUs() - startUs;
    tapSockets(undefined);
    visitors.push(await enter(await recordingClient(transport, target, []), target, options, trial, 1));
    await delay(listenMs);
    const said = markedText(randomInt(36 ** 4)); // no text of an earlier visit, which a server may repeat
    const saidUs = nowUs();
    visitors[0]!.connection.send(said, true);
    const giveUpUs = saidUs + answerMs * 1000;
    const came = (visitor: Visitor): number | undefined => visitor.heard.get(said.toString());
    while (nowUs() < giveUpUs && came(visitors[0]!) === undefined && !visitors[0]!.ended) await delay(10);
    await delay(listenMs);
    const [toSpeakerUs, toOtherUs] = visitors.map((visitor) => {
      const atUs = came(visitor);
      return atUs === undefined ? undefined : atUs - saidUs;
    });
    return { enteringUs, messages, said, toSpeakerUs, toOtherUs, wire, ended: visitors[0]!.ended };
  } finally {
    tapSockets(undefined);
    for (const { connection } of visitors) connection.close();
    await delay(50); // so that the close leaves this process
  }
}

/** A payload that is found again wherever it comes back. */
export function markedText(seq: number): Buffer {
  const text = Buffer.concat([Buffer.alloc(stampBytes), Buffer.from(" is anybody there?")]);
  writeStamp(text, 0, seq, 0);
  return text;
}

/** The client of a target, which notes every message that passes. */
async function recordingClient(transport: string, { dialect }: Target, into: VisitMessage[]): Promise<Connect> {
  const { default: plain }: { default: Connect } = await (await loadTransport(transport)).client();
  const record = (carrier: Connect): Connect => recorded(carrier, into);
  if (!dialect) return record(plain);
  return (await dialectClient()).withDialect(plain, dialect, record);
}

function recorded(connect: Connect, into: VisitMessage[]): Connect {
  return async (address, handler, options) => {
    const connection = await connect(
      address,
      {
        receive(payload, text) {
          into.push({ direction: "received", bytes: Buffer.from(payload) });
          handler.receive(payload, text);
        },
        closed: (error) => handler.closed(error),
      },
      options,
    );
    return {
      send(payload, text) {
        into.push({ direction: "sent", bytes: Buffer.from(payload) });
        connection.send(payload, text);
      },
      close: () => connection.close(),
    };
  };
}

async function enter(
  connect: Connect,
  { addresses, data }: Target,
  options: Options,
  trial: string,
  client: number,
): Promise<Visitor> {
  const visitor: Visitor = { connection: undefined as never, heard: new Map(), ended: undefined };
  const handler: ConnectionHandler = {
    receive: (payload) => void visitor.heard.set(payload.toString(), nowUs()),
    closed: (error) => (visitor.ended = error ?? new Error("the server closed the connection")),
  };
  const values = visitorValues({ client, room: 0, trial, data: data?.[client % data.length] });
  visitor.connection = await connectInTime(connect, withValues(addresses[0]!, values), handler, options);
  return visitor;
}
