/** Finds the rank of a number among some numbers: 0 for the smallest of them. Returns -1 for every other number. */
export type RankOf = (number: number) => number;

/** Numbers of the 1 bits in 32 bits (Hacker's Delight, section 5-1). */
function onesIn(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * Ranks of these different whole numbers from 0 on. It costs two bits for each number up to the largest, whether it is
 * one of them or not, and a look-up allocates nothing: one process can find its few clients among a million.
 */
export function openRanks(numbers: ArrayLike<number>): RankOf {
  let largest = -1;
  for (let i = 0; i < numbers.length; i++) largest = Math.max(largest, numbers[i]!);
  const words = new Int32Array((largest + 32) >>> 5);
  for (let i = 0; i < numbers.length; i++) words[numbers[i]! >>> 5]! |= 1 << (numbers[i]! & 31);
  const before = new Int32Array(words.length);
  for (let word = 1; word < words.length; word++) before[word] = before[word - 1]! + onesIn(words[word - 1]!);
  return (number) => {
    if (number > largest || number < 0) return -1;
    const word = words[number >>> 5]!;
    const bit = 1 << (number & 31);
    return word & bit ? before[number >>> 5]! + onesIn(word & (bit - 1)) : -1;
  };
}

/** Finds the place of a number in this list; -1 for a number that is not in it. The numbers are as for `openRanks`. */
export function openPlaces(numbers: ArrayLike<number>): (number: number) => number {
  const rankOf = openRanks(numbers);
  const places = new Int32Array(numbers.length);
  for (let place = 0; place < numbers.length; place++) places[rankOf(numbers[place]!)] = place;
  return (number) => {
    const rank = rankOf(number);
    return rank < 0 ? -1 : places[rank]!;
  };
}
