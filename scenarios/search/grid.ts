/** Rungs a decade: a step of 4.9 %. */
const perDecade = 48;
/** Rungs from one number to about its double. */
export const doubling = 14;

/** What a search may try, ascending, and the rung it begins at. */
export interface SearchGrid {
  values: readonly number[];
  start: number;
}

/**
 * Rates on the geometric grid of preferred numbers E48 (IEC 60063; three digits, every power of ten is on it), so that searches that
 * begin elsewhere meet the same rungs. The lowest is the rung at or below `lowest`, or below `start` where that is less.
 */
export function rateGrid(start: number, lowest: number, highest: number): SearchGrid {
  return ladder(preferred(1e-3, highest), start, lowest);
}

/** Whole numbers from 1, each about 5 % above the one before or one more where that is finer than whole numbers are. */
export function clientGrid(start: number, highest: number): SearchGrid {
  return ladder([...new Set(preferred(1, highest).map(Math.round))], start, 1);
}

function preferred(least: number, most: number): number[] {
  const first = Math.round(perDecade * Math.log10(least));
  const count = Math.max(1, Math.ceil(perDecade * Math.log10(most)) - first + 2);
  return Array.from({ length: count }, (_, i) => Number((10 ** ((first + i) / perDecade)).toPrecision(3))).filter(
    (value, i) => value <= most || i === 0,
  );
}

function ladder(all: readonly number[], start: number, lowest: number): SearchGrid {
  const below = (value: number): number =>
    Math.max(
      0,
      all.findLastIndex((each) => each <= value),
    );
  const first = Math.min(below(lowest), below(start));
  return { values: all.slice(first), start: below(start) - first };
}
