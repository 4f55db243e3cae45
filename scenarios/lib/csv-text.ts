/**
 * The line ends that a CSV may have, by those of its first line: LF and CR LF, mixed too. A lone CR ends a line only in
 * a file whose first line ends so; in others it is a part of a cell.
 */
export function lineEnds(beginning: string): string[] {
  return /\r\n|\r|\n/.exec(beginning)?.[0] === "\r" ? ["\r\n", "\n", "\r"] : ["\r\n", "\n"];
}

/** Separators that other programs write instead of commas, and their names. */
const otherSeparators: readonly [separator: string, name: string][] = [
  [";", "semicolons"],
  ["\t", "tabs"],
  ["|", "bars"],
];

/**
 * The name of the separator that stands between the columns of a CSV instead of the comma: "semicolons". `known` says
 * whether there is a column of that name. Undefined where no other separator shows more of them than the comma.
 */
export function otherSeparator(beginning: string, known: (name: string) => boolean): string | undefined {
  const [line = ""] = beginning.split(/[\r\n]/, 1);
  if (/^sep=.$/.test(line)) return "a line that names the separator";
  const count = (separator: string): number => line.split(separator).filter((name) => known(plainName(name))).length;
  return otherSeparators.find(([separator]) => count(separator) > count(","))?.[1];
}

/** The name of a column without quotes, spaces and a byte order mark around it. */
export function plainName(name: string): string {
  return name
    .replace(/^\uFEFF/, "")
    .replace(/^\s*"(.*)"\s*$/, "$1")
    .trim();
}
