import { basename } from "node:path";

/** A problem of one file that does not keep it from being read. `detail` is a part of the sentence about it. */
export interface ReadWarning {
  id: keyof typeof sentences;
  path: string;
  detail?: string;
}

/** The sentence for each problem. `files` names one file or several. */
const sentences = {
  "cut-off": (files, many) =>
    many
      ? `The last lines of ${files} are incomplete and are not used.`
      : `The last line of ${files} is incomplete and is not used.`,
  unended: (files) => `No line end follows the last line of ${files}: check that its last cell is complete.`,
  repeated: (files, _many, detail) => `${files} has ${detail} twice, and each is used once.`,
  older: (files, many, detail) =>
    many
      ? `${files} were written by an older version and lack these columns: ${detail}. They are left empty.`
      : `${files} was written by an older version and lacks these columns: ${detail}. They are left empty.`,
  "no-record": (files, many) =>
    `${files} ${many ? "are" : "is"} missing, so the machine and the settings of the run are not known.`,
  "unreadable-record": (files, _many, detail) =>
    `${files} cannot be read, so the machine and the settings of the run are not known: ${detail}.`,
  "other-record": (files, many) =>
    `${files} ${many ? "are the records of other runs" : "is the record of another run"} than the CSV, so the machine and the settings of the run are not known.`,
  "foreign-record": (files, many, detail) =>
    `${files} ${many ? "are not records" : "is not the record"} of a run: ${detail}.`,
} satisfies Record<string, (files: string, many: boolean, detail: string) => string>;

/**
 * One sentence per problem. Files that share a problem share its sentence; a file that is given twice is named once.
 */
export function readWarningTexts(warnings: readonly ReadWarning[]): string[] {
  const groups = new Map<string, ReadWarning[]>();
  for (const warning of warnings) {
    const key = JSON.stringify([warning.id, warning.detail]);
    const group = groups.get(key) ?? [];
    if (!group.some(({ path }) => path === warning.path)) groups.set(key, [...group, warning]);
  }
  return [...groups.values()].map((group) => {
    const { id, detail = "" } = group[0]!;
    return sentences[id](fileNames(group), group.length > 1, detail);
  });
}

/** More file names than these are counted instead. */
const mostNames = 3;

function fileNames(group: readonly ReadWarning[]): string {
  const names = group.map(({ path }) => basename(path));
  if (names.length > mostNames) return `${names.length} files`;
  const [last, ...others] = names.toReversed();
  return others.length === 0 ? last! : `${others.toReversed().join(", ")} and ${last}`;
}
