import { stampBytes } from "../../../scenarios/lib/message-stamp.ts";
import type { Dialect } from "../../../scenarios/lib/dialect.ts";
import type { VisitMessage } from "../../../scenarios/runner/visit-target.ts";
import { messageText, MessageView, meets } from "../../../clients/lib/dialect/conditions.ts";
import { MessageReader } from "../../../clients/lib/dialect/message-reader.ts";
import { speechOf } from "../../../clients/lib/dialect/speech.ts";

/** The messages of a visit in words, each with what a dialect recognises in it. */
export function recognise(messages: readonly VisitMessage[], said: Buffer, dialect: Dialect | undefined): string[] {
  const from = messages.findIndex(
    ({ direction, bytes }) => direction === "sent" && bytes.includes(said.subarray(0, stampBytes)),
  );
  return messages.map(({ direction, bytes }, i) => {
    const shown = messageText(bytes);
    if (direction === "sent") return `> ${shown}`;
    return `< ${shown}\n    = ${meaning(bytes, said, dialect, from < 0 || i < from)}`;
  });
}

function meaning(bytes: Buffer, said: Buffer, dialect: Dialect | undefined, entering: boolean): string {
  if (!dialect) return bytes.equals(said) ? "the text" : "unknown";
  if (dialect.module !== undefined) return "read by the module";
  const speech = speechOf(dialect);
  let found = "ignored";
  const reader = new MessageReader(speech, {
    payload: (text) => (found = text.equals(said) ? "the text" : `a text: ${JSON.stringify(text.toString())}`),
    answer: (reply) => (found = `answered with ${reply}`),
    unknown: () => (found = speech.match === "order" ? "an answer, whatever it says" : "unknown"),
  });
  const view = new MessageView(bytes, reader.jsonAt(bytes));
  const step = entering ? speech.enter.findIndex(({ until }) => until && meets(view, until)) : -1;
  if (step >= speech.ownSteps) return `step ${step - speech.ownSteps + 1} of entering`;
  if (step >= 0) return "connecting to Socket.IO";
  reader.read(bytes);
  return found;
}
