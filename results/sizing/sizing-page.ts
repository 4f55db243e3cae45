import { groupBy } from "../text/lists.ts";
import { formatCount, formatNumber, type TextColumn } from "../text/text-table.ts";
import type { SizingQuestion } from "./sizing-question.ts";
import type { SizingAnswer, Requirements } from "./requirements.ts";
import type { SizingPage } from "./layouts.ts";
import type { SizingNote } from "./model-range.ts";

/** Origin of the answers: the CPU that the rows were measured on, and warnings about the files. */
export interface SizingBasis {
  cpu: string | undefined;
  warnings: readonly string[];
}

/** A cell of an answer; a dash where the requirements are unknown. */
function of(format: (requirements: Requirements) => string): (answer: SizingAnswer) => string {
  return (answer) => ("requirements" in answer ? format(answer.requirements) : "-");
}

const columns: TextColumn<SizingAnswer>[] = [
  { heading: "transport\n", value: ({ transport }) => transport },
  { heading: "cores\n", number: true, value: of(({ cores }) => formatCount(cores)) },
  {
    heading: "memory\nGiB",
    number: true,
    value: of(({ memoryMib }) => formatNumber(memoryMib && memoryMib / 1024, 1)),
  },
  { heading: "sockets\n", number: true, value: of(({ sockets }) => formatCount(sockets)) },
  { heading: "GB/\nmonth", number: true, value: of(({ outGb }) => formatCount(outGb)) },
  { heading: "$/\nmonth", number: true, value: of(({ price }) => formatCount(price)) },
  { heading: "p50\nms", number: true, value: of(({ latency }) => millisecondRange(latency?.p50Us)) },
  { heading: "p99\nms", number: true, value: of(({ latency }) => millisecondRange(latency?.p99Us)) },
  { heading: "CPU\nerror", number: true, value: of(({ errors }) => percentText(errors.cpu)) },
];

/** The answers of all transports to one question, as a page. */
export function sizingPage(
  question: SizingQuestion,
  answers: readonly SizingAnswer[],
  basis: SizingBasis,
): SizingPage<SizingAnswer> {
  return {
    intro: [describeLoad(question)],
    columns,
    rows: answers,
    notes: [...groupNotes(answers), ...legend(question, answers, basis), ...basis.warnings],
    data: { load: question.load, utilisation: question.utilisation, ...basis, answers },
  };
}

function describeLoad({
  load: { clients, roomSize, sendsPerS, deliveriesPerS, payloadBytes },
}: SizingQuestion): string {
  return (
    `${exact(clients)} clients send ${exact(sendsPerS / clients)} messages/s each (${exact(sendsPerS)}/s in total) of ${exact(payloadBytes)} B. ` +
    `Each message goes to ${exact(roomSize)} client${roomSize === 1 ? "" : "s"}: ${exact(deliveriesPerS)} deliveries/s.`
  );
}

/**
 * Each note once, after the names of its transports, with the bench command that measures what is missing on a line of
 * its own.
 */
function groupNotes(answers: readonly SizingAnswer[]): string[] {
  const all = answers.flatMap((answer) => notesOf(answer).map((note) => ({ ...note, transport: answer.transport })));
  return groupBy(all, ({ text, benchArgs }) => JSON.stringify([text, benchArgs])).map(([, group]) => {
    const { text, benchArgs } = group[0]!;
    const names = group.map(({ transport }) => transport);
    const command = benchArgs === undefined ? "" : `\nnpm run bench -- --transports ${names.join(",")} ${benchArgs}`;
    return `${names.join(", ")}: ${text}${command}`;
  });
}

function notesOf(answer: SizingAnswer): SizingNote[] {
  return "requirements" in answer ? answer.requirements.notes : [answer.unknown];
}

function legend(
  { utilisation, pricePerGb }: SizingQuestion,
  answers: readonly SizingAnswer[],
  { cpu }: SizingBasis,
): string[] {
  const errors = answers.flatMap((answer) =>
    "requirements" in answer ? [`${answer.transport} ${percentText(answer.requirements.errors.bytes)}`] : [],
  );
  return [
    `cores: for the CPU of the servers, at ${exact(100 * utilisation)} % utilisation, on ${cpu ?? "a CPU that was not recorded"}.`,
    "memory: resident memory of the server processes, without socket buffers of the kernel.",
    "sockets: open sockets of all clients on the servers.",
    `GB/month: bytes sent to clients in 30 days (1 GB = 10^9 bytes), with half of the TCP/IP headers. $/month: at $${pricePerGb} per GB.`,
    "p50, p99: range between the nearest measured loads. Latency is never extrapolated.",
    "CPU error: largest error when one measured load is predicted from all the others." +
      (errors.length > 0 ? ` The same error for bytes: ${errors.join(", ")}.` : ""),
    "All rows were measured on loopback, without heartbeats and proxies. TLS was used only where a name ends with +tls. A real network will differ.",
  ];
}

/** A share as "4 %", rounded up; below 1 % to a tenth. */
export function percentText(share: number): string {
  const value = 100 * share;
  return `${value < 1 ? Math.ceil(10 * value) / 10 : Math.ceil(value)} %`;
}

function millisecondRange(us: readonly [number, number] | undefined): string {
  if (!us) return "-";
  const [low, high] = us.map((each) =>
    (each / 1000).toLocaleString("en", { maximumSignificantDigits: 2, useGrouping: false }),
  );
  return low === high ? low! : `${low}-${high}`;
}

function exact(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 4 });
}
