import { formatCount, formatNumber, type TextColumn } from "../text/text-table.ts";
import type { SizingQuestion } from "./split-processes.ts";
import type { SizingAnswer, Requirements } from "./requirements.ts";
import type { SizingPage } from "./layouts.ts";
import type { SizingNote } from "./model-range.ts";

/** What answers stand on, apart from the load: where the rows were measured, and what is to be said of the files. */
export interface SizingBasis {
  cpu: string | undefined;
  warnings: readonly string[];
}

/** A number of an answer, or a dash where there is none. */
function of(show: (needs: Requirements) => string): (answer: SizingAnswer) => string {
  return (answer) => ("needs" in answer ? show(answer.needs) : "-");
}

const shown: TextColumn<SizingAnswer>[] = [
  { heading: "transport\n", value: ({ transport }) => transport },
  { heading: "cores\n", number: true, value: of(({ cores }) => formatCount(cores)) },
  {
    heading: "memory\nGiB",
    number: true,
    value: of(({ memoryMib }) => formatNumber(memoryMib && memoryMib / 1024, 1)),
  },
  { heading: "descr.\n", number: true, value: of(({ descriptors }) => formatCount(descriptors)) },
  { heading: "GB/\nmonth", number: true, value: of(({ outGb }) => formatCount(outGb)) },
  { heading: "$/\nmonth", number: true, value: of(({ price }) => formatCount(price)) },
  { heading: "p50\nms", number: true, value: of(({ latency }) => span(latency?.p50Us)) },
  { heading: "p99\nms", number: true, value: of(({ latency }) => span(latency?.p99Us)) },
  { heading: "CPU\nerror", number: true, value: of(({ errors }) => percentText(errors.cpu)) },
];

/** The answers of all transports to one question as a page. */
export function sizingPage(
  question: SizingQuestion,
  answers: readonly SizingAnswer[],
  basis: SizingBasis,
): SizingPage<SizingAnswer> {
  return {
    head: [statement(question)],
    shown,
    lines: answers,
    foot: [...together(answers), ...legend(question, answers, basis), ...basis.warnings],
    data: { load: question.load, utilisation: question.utilisation, ...basis, answers },
  };
}

/** The load in words. */
function statement({ load: { clients, roomSize, sendsPerS, deliveriesPerS, payloadBytes } }: SizingQuestion): string {
  return (
    `${exact(clients)} clients send ${exact(sendsPerS / clients)} messages/s each, ${exact(sendsPerS)}/s in all, of ${exact(payloadBytes)} B; ` +
    `each message goes to ${exact(roomSize)} client${roomSize === 1 ? "" : "s"}: ${exact(deliveriesPerS)} deliveries/s.`
  );
}

/** Each sentence once, after the transports of which it is true; under it the bench command that would make it needless. */
function together(answers: readonly SizingAnswer[]): string[] {
  const transports = new Map<string, string[]>();
  for (const answer of answers)
    for (const note of notesOf(answer)) {
      const key = JSON.stringify([note.says, note.measure]);
      transports.set(key, [...(transports.get(key) ?? []), answer.transport]);
    }
  return [...transports].map(([key, names]) => {
    const [says, measure] = JSON.parse(key) as [string, string | null];
    const command = measure === null ? "" : `\nnpm run bench -- --transports ${names.join(",")} ${measure}`;
    return `${names.join(", ")}: ${says}${command}`;
  });
}

function notesOf(answer: SizingAnswer): SizingNote[] {
  return "needs" in answer ? answer.needs.notes : [answer.refused];
}

function legend(
  { utilisation, pricePerGb }: SizingQuestion,
  answers: readonly SizingAnswer[],
  { cpu }: SizingBasis,
): string[] {
  const errors = answers.flatMap((answer) =>
    "needs" in answer ? [`${answer.transport} ${percentText(answer.needs.errors.bytes)}`] : [],
  );
  return [
    `cores: the servers' CPU alone, on ${cpu ?? "the CPU of the rows, which nobody recorded"}, each core ${exact(100 * utilisation)} % busy.`,
    "memory: resident in the processes; what the kernel keeps for sockets is not in it. descr.: open connections.",
    `GB/month: 10^9 bytes in 30 days that go out, half of the TCP/IP headers included; $: at ${pricePerGb} a GB.`,
    "p50, p99: between those of the measured loads next to this one; never extrapolated.",
    "error: by how much the worst load was missed when its rows were held out of the fit." +
      (errors.length > 0 ? ` Of the bytes: ${errors.join(", ")}.` : ""),
    "The rows were measured on loopback, without heartbeats or proxies, and TLS only where a name ends with +tls: no forecast for a network card.",
  ];
}

/** A share as "4 %", rounded up; below 1 % to a tenth. */
export function percentText(share: number): string {
  const value = 100 * share;
  return `${value < 1 ? Math.ceil(10 * value) / 10 : Math.ceil(value)} %`;
}

function span(us: readonly [number, number] | undefined): string {
  if (!us) return "-";
  const [low, high] = us.map((each) =>
    (each / 1000).toLocaleString("en", { maximumSignificantDigits: 2, useGrouping: false }),
  );
  return low === high ? low! : `${low}-${high}`;
}

function exact(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 4 });
}
