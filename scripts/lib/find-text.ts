import { MessageView } from "../../clients/lib/dialect/conditions.ts";

/** Place of a text in a message: in words, and as the fields of a dialect that say it. */
export interface TextPlace {
  where: string;
  hear: object;
  /** Name of the Socket.IO event. */
  event?: string;
}

/** Where a text is in a message. Undefined where it is not. */
export function findText(message: Buffer, text: Buffer): TextPlace | undefined {
  const whole = message.toString();
  const packet = /^42(?:\/[^,]*,)?(\[.*)$/s.exec(whole);
  if (packet) {
    const [event, argument] = JSON.parse(packet[1]!) as [string, unknown];
    const path = pathOf(argument, text.toString());
    if (path === undefined) return undefined;
    return {
      where: `in the event "${event}"${path && `, at ${path}`}`,
      hear: path === "" ? {} : { hear: { path } },
      event,
    };
  }
  if (message.equals(text)) return { where: "as it was said", hear: {} };
  const path = pathOf(new MessageView(message).json, text.toString());
  if (path !== undefined) return { where: `in JSON, at ${path}`, hear: { hear: { path } } };
  const at = whole.indexOf(text.toString());
  if (at < 0) return undefined;
  const [before, after] = [whole.slice(0, at), whole.slice(at + text.toString().length)];
  if (after === "") return { where: `after ${JSON.stringify(before)}`, hear: { hear: { after: before } } };
  return {
    where: `between ${JSON.stringify(before)} and ${JSON.stringify(after)}`,
    hear: { hear: { between: [before, after] } },
  };
}

/** The path of a text in JSON; "" where it is the JSON itself. */
function pathOf(json: unknown, text: string): string | undefined {
  if (json === text) return "";
  if (typeof json !== "object" || json === null) return undefined;
  for (const [name, value] of Object.entries(json)) {
    const rest = pathOf(value, text);
    if (rest !== undefined) return rest === "" ? name : `${name}.${rest}`;
  }
  return undefined;
}
