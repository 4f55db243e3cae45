import { environment } from "../../results/model/environment.ts";
import { groups, type Group, type Peer } from "./groups.ts";
import { versionOf } from "./tool-version.ts";

/** A peer that is there, and its version. */
export type Entrant = Peer & { found: string };

/** A group as it will be measured. */
export interface LineUp {
  group: Group;
  entrants: readonly Entrant[];
}

/** The names that a person can choose from. */
export const peerNames: readonly string[] = [...new Set(groups.flatMap(({ peers }) => peers.map(({ name }) => name)))];

/**
 * The groups of the chosen peers (all, where none are chosen), each with those that are there and, chosen or not, its baseline. Where
 * `ratePerS` is not 0, those that cannot keep a rate are left out. `tell` gets a sentence for each one that is missing.
 */
export async function lineUp(
  chosen: readonly string[] | undefined,
  ratePerS: number,
  tell: (sentence: string) => void,
  signal: AbortSignal,
): Promise<LineUp[]> {
  const { libraries } = environment();
  const told = new Set<string>();
  const once = (sentence: string): void => void (told.has(sentence) || (told.add(sentence), tell(sentence)));
  const wanted = ({ name }: Peer): boolean => chosen === undefined || chosen.includes(name);

  async function find(peer: Peer): Promise<Entrant[]> {
    const version = await versionOf(peer, signal);
    signal.throwIfAborted();
    if ("missing" in version) once(`${peer.name} is missing. To have it: ${peer.get}`);
    else if ("sentence" in version) once(version.sentence);
    else if (ratePerS > 0 && !peer.keepsRate) once(`${peer.name} is left out: it cannot keep a --rate.`);
    else return [{ ...peer, found: (peer.library && libraries[peer.library]) ?? version.version }];
    return [];
  }

  const lines: LineUp[] = [];
  for (const group of groups) {
    if (!group.peers.some(wanted)) continue;
    const there: Entrant[] = [];
    for (const peer of group.peers)
      if (wanted(peer) || group.baselines.includes(peer.name)) there.push(...(await find(peer)));
    const baseline = group.baselines.find((name) => there.some((peer) => peer.name === name));
    if (there.some(wanted))
      lines.push({ group, entrants: there.filter((peer) => wanted(peer) || peer.name === baseline) });
  }
  return lines;
}
