import { isUtf8 } from "node:buffer";
import { stringify } from "yaml";
import type { Target } from "../../../scenarios/definitions/target.ts";
import { authority } from "../../../scenarios/lib/addresses.ts";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { withoutSecrets } from "../../../scenarios/lib/secrets.ts";
import { startTarget } from "../../../scenarios/load/started-target.ts";
import { visitTarget, type Visit, type VisitMessage } from "../../../scenarios/runner/visit-target.ts";
import { transportLabel } from "../../../scenarios/transports/load-transport.ts";
import { findText } from "../find-text.ts";
import { cannotJoin } from "../../../scenarios/runner/connect-advice.ts";
import { recognise } from "./recognise.ts";

/** Longest time that an answer may take. */
const answerMs = 5_000;

/** What a visit to a target shows: every byte, what was recognised, and what a row will be able to say. */
export async function explainTarget(transport: string, target: Target, command: readonly string[]): Promise<string> {
  const visit = await visitStarted(transport, target).catch((error: unknown) => {
    throw new UserError(withoutSecrets(cannotJoin(target, error, true)));
  });
  const lines = [
    titleOf(transport, target),
    `Connected and entered in ${(visit.enteringUs / 1000).toFixed(1)} ms.`,
    "",
    ...(visit.wire.length > 0 ? ["On the wire:", ...visit.wire.map(wireLine), ""] : []),
    "Messages:",
    ...recognise(visit.messages, visit.said, target.dialect),
    "",
    ...whatCame(visit, target),
    "",
    "A row will have:",
    ...rowLines(visit, target),
    ...(isAnswered(visit) ? ["", "Measure it:", `  ${commandFor(visit, command)}`] : []),
  ];
  return withoutSecrets(lines.join("\n"));
}

/** Visits a target, which is started before and ended after where the harness starts it. */
async function visitStarted(transport: string, target: Target): Promise<Visit> {
  const server = target.start === undefined ? undefined : await startTarget(target, target.start);
  try {
    return await visitTarget(transport, target, answerMs);
  } finally {
    await server?.close();
  }
}

function titleOf(transport: string, { title, addresses, dialect }: Target): string {
  const spoken = dialect ? ` in the dialect ${dialect.name}` : "";
  return `${title} (${addresses.map(authority).join(", ")}) over ${transportLabel(transport)}${spoken}`;
}

/** Most bytes of one write or read that are shown. */
const longestShown = 600;

/** What was written or read at once: bytes as text, or in hexadecimal where most of them are none. */
function wireLine({ direction, bytes }: VisitMessage): string {
  const plain = direction === "sent" ? unmasked(bytes) : bytes;
  const shown = plain.subarray(0, longestShown);
  const text = escaped(shown);
  const content = text.length > 2 * shown.length ? shown.toString("hex").replaceAll(/(..)(?=.)/g, "$1 ") : text;
  const arrow = direction === "sent" ? ">" : "<";
  return `${arrow} ${bytes.length} bytes: ${content}${bytes.length > longestShown ? " ..." : ""}`;
}

/** A WebSocket frame of a client with its payload as it was before the mask; anything else as it is. */
function unmasked(bytes: Buffer): Buffer {
  const second = bytes[1] ?? 0;
  const isFrame = (bytes[0]! & 0xf0) === 0x80 && second >= 0x80;
  if (!isFrame) return bytes;
  const maskAt = second === 0xfe ? 4 : second === 0xff ? 10 : 2;
  const mask = bytes.subarray(maskAt, maskAt + 4);
  const payload = bytes.subarray(maskAt + 4).map((byte, i) => byte ^ mask[i % 4]!);
  return Buffer.concat([bytes.subarray(0, maskAt + 4), payload]);
}

/** Bytes as text. What is no printable character is escaped, such as \\r and \\x81. */
function escaped(bytes: Buffer): string {
  const characters = isUtf8(bytes)
    ? Array.from(bytes.toString())
    : Array.from(bytes, (byte) => String.fromCharCode(byte));
  const escape = (character: string): string => {
    if (character === "\r") return String.raw`\r`;
    if (character === "\n") return String.raw`\n`;
    const code = character.codePointAt(0)!;
    const isPrintable = code >= 0x20 && code !== 0x7f && (code < 0x7f || isUtf8(bytes));
    return isPrintable ? character : `\\x${code.toString(16).padStart(2, "0")}`;
  };
  return characters.map(escape).join("");
}

function whatCame({ toSpeakerUs, toOtherUs, messages, said, ended }: Visit, { dialect }: Target): string[] {
  const ms = (us: number): string => `${(us / 1000).toFixed(1)} ms`;
  if (toSpeakerUs !== undefined && toOtherUs !== undefined)
    return [`The text came back to its speaker after ${ms(toSpeakerUs)} and to a second client: a group chat.`];
  if (toSpeakerUs !== undefined) return [`The text came back to its speaker alone, after ${ms(toSpeakerUs)}: an echo.`];
  if (toOtherUs !== undefined)
    return [
      `The text came to a second client after ${ms(toOtherUs)}, and not to its speaker: a group chat without an echo.`,
      ...(dialect?.speakerExcluded ? [] : ['Write "speaker: excluded" in the dialect.']),
    ];
  if (ended && toOtherUs === undefined) return [`The connection ended before an answer came: ${ended.message}.`];
  const file = dialect ? (dialect.file ?? dialect.name) : "a dialect (npm run new-dialect -- URL writes one)";
  const after = messages.slice(messages.findLastIndex(({ direction }) => direction === "sent") + 1);
  const carrying = after.find(({ bytes }) => bytes.includes(said.subarray(0, 16)));
  const place = carrying && findText(carrying.bytes, said);
  if (place)
    return [
      `The text came back ${place.where}. Write into ${file}:`,
      ...stringify(place.hear)
        .trim()
        .split("\n")
        .map((line) => `  ${line}`),
    ];
  if (after.length > 0)
    return [
      `The text did not come back, but something else did. If that is the answer, write "match: order" in ${file}; if the server did not understand, change "say:".`,
    ];
  return [
    `Nothing came back. If the server expects something first, write it under "enter:" in ${file}; if it expects another format, change "say:".`,
  ];
}

function isAnswered({ toSpeakerUs, toOtherUs }: Visit): boolean {
  return toSpeakerUs !== undefined || toOtherUs !== undefined;
}

function rowLines(visit: Visit, { start, pid, dialect }: Target): string[] {
  const answered = isAnswered(visit);
  const line = (what: string, says: string): string => `  ${what.padEnd(26)}${says}`;
  const cpu = start !== undefined || pid !== undefined;
  return [
    line("latency at every receiver", answered ? "yes" : "no: no text came back"),
    line("losses", answered ? "yes, exact" : "no: no text came back"),
    line(
      "header overhead",
      visit.wire.length > 0 || dialect?.polling || dialect?.sse
        ? "yes, counted at the clients' sockets"
        : "no: this client hides its socket",
    ),
    line("CPU and memory of it", cpu ? "yes" : "no: start it with --start, or give --target-pid"),
  ];
}

function commandFor({ toOtherUs }: Visit, words: readonly string[]): string {
  const kept = words.filter((word) => word !== "--explain");
  const scenario = kept.some((word) => word.startsWith("--scenario"))
    ? []
    : ["--scenario", toOtherUs === undefined ? "echo" : "chat-100"];
  const quoted = [...kept, ...scenario].map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`,
  );
  return `npm run bench -- ${quoted.join(" ")}`;
}
