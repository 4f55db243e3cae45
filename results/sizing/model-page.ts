import { formatNumber, type TextColumn } from "../text/text-table.ts";
import { percentText } from "./sizing-page.ts";
import { costTerms, type CostTerm } from "./cost-fit.ts";
import type { CostModel } from "./model.ts";
import type { SizingPage } from "./layouts.ts";

/** Column of each term: its heading, and the factor from CPU seconds to its unit. */
const costColumns = {
  deliveries: { heading: "us per\ndlv", factor: 1e6 },
  polls: { heading: "\npoll", factor: 1e6 },
  sends: { heading: "\nsend", factor: 1e6 },
  payloadBytes: { heading: "\nKiB", factor: 1024e6 },
  clients: { heading: "\nclient s", factor: 1e6 },
  processes: { heading: "process\n% core", factor: 100 },
} as const satisfies Record<CostTerm, { heading: string; factor: number }>;

const columns: TextColumn<CostModel>[] = [
  { heading: "transport\n", value: ({ transport }) => transport },
  ...(Object.keys(costColumns) as CostTerm[]).map((term) => ({
    heading: costColumns[term].heading,
    number: true as const,
    value: ({ costs }: CostModel) => {
      const cost = costs.cpu.costs[term];
      return formatNumber(cost === undefined ? undefined : cost * costColumns[term].factor, 1);
    },
  })),
  { heading: "error\nCPU", number: true, value: ({ errors }) => percentText(errors.cpu) },
  { heading: "\nbytes", number: true, value: ({ errors }) => percentText(errors.bytes) },
  { heading: "loads\n", number: true, value: ({ loads }) => formatNumber(loads, 0) },
];

/** The fitted CPU costs of each transport, as a page. */
export function modelPage(models: readonly CostModel[], warnings: readonly string[]): SizingPage<CostModel> {
  const merged = models.flatMap(({ transport, costs }) =>
    costs.cpu.merged.map(({ term, into }) => {
      const others = into.map((other) => costTerms[other].one).join(" and ");
      return `${transport}: ${costTerms[term].many} did not vary independently in the rows. Their cost is part of ${others}.`;
    }),
  );
  return {
    intro: ["Server CPU is the sum over these terms: cost times number."],
    columns,
    rows: models,
    notes: [
      ...merged,
      "dlv: delivery. poll: answered HTTP poll. send: message from a client. KiB: payload, both directions. client s: connected client, per second. process % core: idle process.",
      "error: largest error when one measured load is predicted from all the others.",
      ...warnings,
    ],
    data: {
      models: models.map(({ transport, loads, observations, costs, errors }) => ({
        transport,
        rows: observations.length,
        loads,
        errors,
        costs,
      })),
      warnings,
    },
  };
}
