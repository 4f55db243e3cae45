/**
 * The probability that |t| of Student's distribution is at least this large: the two-sided p. `degrees` is a whole
 * number from 1. Source: Abramowitz and Stegun 1964, 26.7.3 and 26.7.4, which are exact.
 */
export function twoSidedT(t: number, degrees: number): number {
  if (Number.isNaN(t)) return 1;
  const angle = Math.atan(Math.abs(t) / Math.sqrt(degrees));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const odd = degrees % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= (cosine * cosine * (k - 1)) / k;
    sum += term;
  }
  const inside = odd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
  return Math.min(1, Math.max(0, 1 - inside));
}
