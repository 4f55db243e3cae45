import { costTermNames, type CostTerm } from "./cost-fit.ts";
import { loadOf, workOf, type SizedLoad, type CostModel } from "./model.ts";

/** How far beyond what was measured a model is believed, in either direction. */
const reach = 2;

/** What more processes do not change, and so must have been measured as it is. */
const kinds = [
  { name: "payload", of: ({ payloadBytes }: SizedLoad) => payloadBytes, unit: " B" },
  { name: "receivers of a message", of: ({ roomSize }: SizedLoad) => roomSize, unit: "" },
  {
    name: "deliveries to a client",
    of: ({ deliveriesPerS, clients }: SizedLoad) => deliveriesPerS / clients,
    unit: "/s",
  },
];

/**
 * Why a model knows nothing of a load in one process, a sentence for each way in which it is beyond twice the measured range; none where
 * it does. How many clients a process may have, and how much work, `reachOf` says.
 */
export function outOfRangeNotes(model: CostModel, load: SizedLoad): string[] {
  return kinds.flatMap(({ name, of, unit }) => {
    const asked = of(load);
    const measured = model.observations.map((each) => of(loadOf(each)));
    const [least, most] = [Math.min(...measured), Math.max(...measured)];
    if (asked >= least / reach && asked <= most * reach) return [];
    const range = least === most ? formatBrief(least) : `${formatBrief(least)} to ${formatBrief(most)}`;
    return [`${name} ${formatBrief(asked)}${unit}, but ${range}${unit} were measured`];
  });
}

/** How far a model reaches: the processes that a load needs so that none has more than twice `most` of a term, the most measured in one. */
export interface ModelReach {
  processes: number;
  term: CostTerm;
  most: number;
}

/** The term of a load that needs the most processes for its measured range. */
export function modelReach(model: CostModel, load: SizedLoad): ModelReach {
  const work = workOf(model.costs, load);
  // Clients first: where they ask at intervals, their exchanges are as far beyond the range as they are.
  const needed = costTermNames.toReversed().map((term) => {
    const most = Math.max(...model.observations.map((each) => each.work[term]));
    return { term, most, processes: most > 0 ? Math.ceil(work[term] / (reach * most)) : 1 };
  });
  return needed.reduce((worst, each) => (each.processes > worst.processes ? each : worst));
}

/** A sentence about a transport, and the arguments of the bench that would make it needless. */
export interface SizingNote {
  says: string;
  measure?: string;
}

/** The bench's arguments that measure a load like this in one process: an echo where one client receives a message, else one room. */
export function benchArguments({ clients, roomSize, sendsPerS, deliveriesPerS, payloadBytes }: SizedLoad): string {
  const room = Math.max(1, Math.round(roomSize));
  const [scenario, some, perS] = room === 1 ? ["echo", clients, sendsPerS] : ["chat-1k", room, deliveriesPerS / room];
  const rate = Math.max(0.1, Number(perS.toPrecision(2)));
  return `--scenario ${scenario} --clients ${Math.ceil(some)} --rate ${rate} --payload-bytes ${payloadBytes}`;
}

/** A number to three digits. */
export function formatBrief(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}
