/**
 * Holm's adjusted p of several tests, in the order given: one that is below alpha is so although there were several, with a chance
 * of at most alpha that any of those that changed nothing is. Source: Holm 1979, A simple sequentially rejective multiple test procedure.
 */
export function holm(ps: readonly number[]): number[] {
  const adjusted = Array.from(ps);
  let atLeast = 0;
  const order = [...ps.keys()].toSorted((one, other) => ps[one]! - ps[other]!);
  for (const [i, which] of order.entries()) {
    atLeast = Math.max(atLeast, Math.min(1, ps[which]! * (ps.length - i)));
    adjusted[which] = atLeast;
  }
  return adjusted;
}
