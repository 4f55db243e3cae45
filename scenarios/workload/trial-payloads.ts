import { createPayloads, payloadsFrom, type Payloads } from "./payloads.ts";
import type { Schedule } from "./schedule.ts";
import type { Settings } from "../definitions/settings.ts";
import { stampBytes } from "../lib/message-stamp.ts";
import { traceBytes, type Trace } from "../definitions/trace.ts";

/** The payloads of a trial: generated with one size, or the texts of its trace. */
export function trialPayloads(settings: Settings, schedule: Schedule, trace: Trace | undefined): Payloads {
  return trace
    ? tracePayloads(trace, schedule)
    : createPayloads(settings.payloadBytes, settings.payloadKind, settings.seed);
}

/**
 * The texts of a trace as payloads. The stamp replaces the first 16 bytes. The rest of a character that the stamp cuts
 * becomes full stops. A text shorter than 16 bytes becomes the stamp alone.
 */
function tracePayloads({ texts }: Trace, { sender, warmupCount }: Schedule): Payloads {
  const prepared = texts.map(prepare);
  /**
   * For each client, the index in `texts` of each of its messages by sequence number. The warm-up is the beginning of
   * the trace.
   */
  const textsOf = new Map<number, number[]>();
  for (const [message, client] of sender.entries()) {
    const text = message < warmupCount ? message : message - warmupCount;
    const own = textsOf.get(client);
    if (own) own.push(text);
    else textsOf.set(client, [text]);
  }
  return payloadsFrom((client, seq) => prepared[textsOf.get(client)![seq]!]!, "text");
}

const fullStop = ".".charCodeAt(0);

function prepare(text: string): Buffer {
  const payload = Buffer.alloc(traceBytes(text), fullStop);
  payload.write(text);
  // Bytes 10xxxxxx continue a character whose first byte the stamp has overwritten (RFC 3629, section 3).
  for (let i = stampBytes; i < payload.length && (payload[i]! & 0xc0) === 0x80; i++) payload[i] = fullStop;
  return payload;
}
