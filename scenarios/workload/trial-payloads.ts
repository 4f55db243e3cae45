import { createPayloads, payloadsFrom, type Payloads } from "./payloads.ts";
import type { Schedule } from "./schedule.ts";
import type { Settings } from "../definitions/settings.ts";
import { stampBytes } from "../lib/message-stamp.ts";
import { traceBytes, type Trace } from "../definitions/trace.ts";

/** The payloads of a trial: of one size, or the texts of its trace. */
export function trialPayloads(settings: Settings, schedule: Schedule, trace: Trace | undefined): Payloads {
  return trace ? textsOf(trace, schedule) : createPayloads(settings.payloadBytes, settings.payloadKind, settings.seed);
}

/**
 * The texts of a trace. A stamp takes the place of the first 16 bytes; what of a character is left behind it becomes
 * full stops, and a shorter text is the stamp alone.
 */
function textsOf({ texts }: Trace, { sender, warmupCount }: Schedule): Payloads {
  const prepared = texts.map(bodyOf);
  /** The lines of each sender by sequence number. The warm-up is the beginning of the trace. */
  const linesOf = new Map<number, number[]>();
  for (const [message, client] of sender.entries()) {
    const line = message < warmupCount ? message : message - warmupCount;
    const lines = linesOf.get(client);
    if (lines) lines.push(line);
    else linesOf.set(client, [line]);
  }
  return payloadsFrom((client, seq) => prepared[linesOf.get(client)![seq]!]!, "text");
}

const fullStop = ".".charCodeAt(0);

function bodyOf(text: string): Buffer {
  const payload = Buffer.alloc(traceBytes(text), fullStop);
  payload.write(text);
  // Bytes 10xxxxxx continue a character whose beginning the stamp has overwritten (RFC 3629, section 3).
  for (let i = stampBytes; i < payload.length && (payload[i]! & 0xc0) === 0x80; i++) payload[i] = fullStop;
  return payload;
}
