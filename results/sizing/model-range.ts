import { costTermNames, type CostTerm } from "./cost-fit.ts";
import { loadOf, workOf, type SizedLoad, type CostModel } from "./model.ts";

/** Factor beyond the measured range, in either direction, up to which a model is trusted. */
const maxExtrapolation = 2;

/** Quantities that more processes do not change, so that a measurement must cover them as they are. */
const quantities = [
  { name: "payload", of: ({ payloadBytes }: SizedLoad) => payloadBytes, unit: " B" },
  { name: "receivers per message", of: ({ roomSize }: SizedLoad) => roomSize, unit: "" },
  {
    name: "deliveries per client",
    of: ({ deliveriesPerS, clients }: SizedLoad) => deliveriesPerS / clients,
    unit: "/s",
  },
];

/**
 * Quantities of a load in one process that are beyond twice the measured range, each with that range; empty where the
 * model covers the load. `modelReach` checks the clients and the work of a process.
 */
export function outOfRangeNotes(model: CostModel, load: SizedLoad): string[] {
  return quantities.flatMap(({ name, of, unit }) => {
    const wanted = of(load);
    const measured = model.observations.map((each) => of(loadOf(each)));
    const [least, most] = [Math.min(...measured), Math.max(...measured)];
    if (wanted >= least / maxExtrapolation && wanted <= most * maxExtrapolation) return [];
    const range = least === most ? formatBrief(least) : `${formatBrief(least)} to ${formatBrief(most)}`;
    return [`${name} ${formatBrief(wanted)}${unit} (measured: ${range}${unit})`];
  });
}

/**
 * Processes that a load needs so that no process has more than twice `most` of a term, the most measured in one
 * process.
 */
export interface ModelReach {
  processes: number;
  term: CostTerm;
  most: number;
}

/** The term of a load that needs the most processes to stay in the measured range. */
export function modelReach(model: CostModel, load: SizedLoad): ModelReach {
  const work = workOf(model.costs, load);
  // Clients come first: where clients poll at an interval, polls exceed the range by the same factor as clients.
  const needed = costTermNames.toReversed().map((term) => {
    const most = Math.max(...model.observations.map((each) => each.work[term]));
    return { term, most, processes: most > 0 ? Math.ceil(work[term] / (maxExtrapolation * most)) : 1 };
  });
  return needed.reduce((worst, each) => (each.processes > worst.processes ? each : worst));
}

/** A sentence about a transport, and the arguments of `npm run bench` that measure what it lacks. */
export interface SizingNote {
  text: string;
  benchArgs?: string;
}

/**
 * Arguments of `npm run bench` that measure such a load in one process: `echo` where a message has one receiver, else
 * one room.
 */
export function benchArguments({ clients, roomSize, sendsPerS, deliveriesPerS, payloadBytes }: SizedLoad): string {
  const room = Math.max(1, Math.round(roomSize));
  const [scenario, count, perS] = room === 1 ? ["echo", clients, sendsPerS] : ["chat-1k", room, deliveriesPerS / room];
  const rate = Math.max(0.1, Number(perS.toPrecision(2)));
  return `--scenario ${scenario} --clients ${Math.ceil(count)} --rate ${rate} --payload-bytes ${payloadBytes}`;
}

/** A number rounded to three significant digits. */
export function formatBrief(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}
