import { meanOf } from "./mean.ts";

/** Slope of the least-squares line through points; undefined where fewer than two of them have a different x. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number | undefined {
  const [meanX, meanY] = [meanOf(points.map(([x]) => x)), meanOf(points.map(([, y]) => y))];
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  if (!(spread > 0)) return undefined;
  return points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
}
