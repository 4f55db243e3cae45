/**
 * Holm's adjusted p of several tests, in the order given. If nothing changed, the probability that any adjusted p is
 * below alpha is at most alpha. Source: Holm 1979, A simple sequentially rejective multiple test procedure.
 */
export function holm(ps: readonly number[]): number[] {
  const adjusted = Array.from(ps);
  let atLeast = 0;
  const order = [...ps.keys()].toSorted((one, other) => ps[one]! - ps[other]!);
  for (const [i, test] of order.entries()) {
    atLeast = Math.max(atLeast, Math.min(1, ps[test]! * (ps.length - i)));
    adjusted[test] = atLeast;
  }
  return adjusted;
}
