/** Values in a decade: each is 4.9 % above the one before. */
const perDecade = 48;
/** Steps from one value to about its double. */
export const doubling = 14;

/** The values that a search may try, ascending, and the index at which it begins. */
export interface SearchGrid {
  values: readonly number[];
  start: number;
}

/**
 * Rates on the geometric grid of preferred numbers E48 (IEC 60063), with three digits and every power of ten, so that
 * searches with different starts try the same values. The grid begins at or below `lowest`, or below `start` if that is
 * less.
 */
export function rateGrid(start: number, lowest: number, highest: number): SearchGrid {
  return gridFrom(preferredNumbers(1e-3, highest), start, lowest);
}

/** Whole numbers of clients from 1, each about 5 % above the one before, but at least one more. */
export function clientGrid(start: number, highest: number): SearchGrid {
  return gridFrom([...new Set(preferredNumbers(1, highest).map(Math.round))], start, 1);
}

function preferredNumbers(least: number, most: number): number[] {
  const first = Math.round(perDecade * Math.log10(least));
  const count = Math.max(1, Math.ceil(perDecade * Math.log10(most)) - first + 2);
  return Array.from({ length: count }, (_, i) => Number((10 ** ((first + i) / perDecade)).toPrecision(3))).filter(
    (value, i) => value <= most || i === 0,
  );
}

function gridFrom(all: readonly number[], start: number, lowest: number): SearchGrid {
  const indexAtOrBelow = (limit: number): number => {
    const index = all.findLastIndex((value) => value <= limit);
    return Math.max(0, index);
  };
  const first = Math.min(indexAtOrBelow(lowest), indexAtOrBelow(start));
  return { values: all.slice(first), start: indexAtOrBelow(start) - first };
}
