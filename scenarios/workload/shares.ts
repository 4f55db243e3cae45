/**
 * How many of `count` things each share has, by the method of largest remainders (Hare quota): every share is within 1
 * of its exact part, and the sum is `count`. Of equal remainders the first share wins. Pure and exact. Throws a
 * RangeError for a weight that is no whole number from 0 on, and where none is above 0.
 */
export function apportion(count: number, shares: readonly number[]): number[] {
  const sum = shares.reduce((total, share) => total + share, 0);
  if (!(sum > 0 && shares.every((share) => Number.isInteger(share) && share >= 0)))
    throw new RangeError(`shares are whole numbers from 0 on, at least one of them above 0: ${shares.join(", ")}`);
  const parts = shares.map((share) => Math.floor((count * share) / sum));
  const left = count - parts.reduce((total, part) => total + part, 0);
  const remainder = (share: number): number => (count * shares[share]!) % sum;
  const byRemainder = [...shares.keys()].toSorted((one, other) => remainder(other) - remainder(one) || one - other);
  for (const share of byRemainder.slice(0, left)) parts[share]!++;
  return parts;
}

/**
 * The share of each of `count` places in a row. Each share has as many as `apportion` gives it, at the middle of equal
 * parts of the row, so that all shares go through the row at the same pace.
 */
export function dealByShares(count: number, shares: readonly number[]): Int32Array {
  const parts = apportion(count, shares);
  /** The part of the row in which the k-th place of a share lies. Several shares may want the same part. */
  const wanted = (k: number, length: number): number => Math.floor(((k + 0.5) * count) / length);
  const wishes = new Int32Array(count + 1);
  for (const length of parts) for (let k = 0; k < length; k++) wishes[wanted(k, length) + 1]!++;
  for (let place = 0; place < count; place++) wishes[place + 1]! += wishes[place]!;
  const dealt = new Int32Array(count);
  for (const [share, length] of parts.entries())
    for (let k = 0; k < length; k++) dealt[wishes[wanted(k, length)]!++] = share;
  return dealt;
}
