import { encoderOf } from "../../clients/lib/dialect/encoder.ts";
import { MessageReader } from "../../clients/lib/dialect/message-reader.ts";
import { speechOf } from "../../clients/lib/dialect/speech.ts";
import type { Dialect } from "../../scenarios/lib/dialect.ts";
import type { MicroTask } from "./tasks.ts";

const dialect: Dialect = {
  name: "bench",
  enter: [],
  hear: { path: "data.text" },
  ignore: [{ path: "type", is: ["welcome"] }],
  answer: { ping: "pong" },
  speakerExcluded: false,
  match: "text",
  greeting: false,
};

/** Reads these payloads out of JSON. With `id` each message differs around the text as well, so it has to be parsed. */
function hearTask(name: string, payloads: readonly Buffer[], id: (i: number) => object): MicroTask {
  const wrap = (payload: Buffer, i: number): Buffer =>
    Buffer.from(JSON.stringify({ type: "message", ...id(i), data: { text: payload.toString() } }));
  return {
    name,
    payloadBytes: payloads[0]!.length,
    messagesPerCall: payloads.length,
    prepare() {
      const messages = payloads.map(wrap);
      let heard = 0;
      const reader = new MessageReader(speechOf(dialect), {
        payload: () => void heard++,
        answer: () => undefined,
        unknown: () => undefined,
      });
      return () => {
        heard = 0;
        for (const message of messages) reader.read(message);
        return heard;
      };
    },
  };
}

/** What a dialect costs for each message. */
export function dialectTasks(payloads: readonly Buffer[]): MicroTask[] {
  return [
    {
      name: "dialect: say in JSON",
      payloadBytes: payloads[0]!.length,
      messagesPerCall: payloads.length,
      prepare() {
        const encode = encoderOf('{"type":"message","data":{"text":"{{text}}"}}', true, {});
        return () => payloads.filter((payload, seq) => encode(payload, seq).length > 0).length;
      },
    },
    hearTask("dialect: hear in equal JSON", payloads, () => ({})),
    hearTask("dialect: hear in other JSON", payloads, (id) => ({ id })),
  ];
}
