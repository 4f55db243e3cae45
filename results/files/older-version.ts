import {
  formerColumnValues,
  formerOptionDefaults,
  formerOptionKeys,
  formerRecordKeys,
  formerSettingDefaults,
  formerSettingKeys,
  formerSettingValues,
} from "../model/former-names.ts";

/** A table of columns, some of which had another name in older versions. */
type NamedColumns = Readonly<Record<string, { readonly type: "text" | "number"; readonly formerly?: string }>>;

/** The names of a CSV header with former names replaced by the present ones. Unknown names stay as they are. */
export function presentNames(header: readonly string[], known: NamedColumns): string[] {
  const renamed = new Map(Object.entries(known).map(([name, { formerly }]) => [formerly, name]));
  return header.map((name) => (Object.hasOwn(known, name) ? name : (renamed.get(name) ?? name)));
}

/** A text cell as the present version writes it. */
export function presentText(column: string, text: string): string {
  return presentValue(text, formerColumnValues[column]);
}

/** The parts of a run record that have former names. */
interface NamedRecord {
  options: Record<string, Record<string, unknown>>;
  trials: { settings: Record<string, unknown> }[];
}

/** A run record with the keys and values that the present version writes. */
export function presentRecord<R extends NamedRecord>(record: R): R {
  const options = Object.entries(record.options).map(([name, each]) => [
    name,
    { ...formerOptionDefaults, ...renameKeys(each, formerOptionKeys) },
  ]);
  return {
    ...renameKeys(record, formerRecordKeys),
    options: Object.fromEntries(options),
    trials: record.trials.map((trial) => ({ ...trial, settings: presentSettings(trial.settings) })),
  };
}

function presentSettings(settings: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(renameKeys(settings, formerSettingKeys)).map(([name, value]) => [
    name,
    typeof value === "string" ? presentValue(value, formerSettingValues[name]) : value,
  ]);
  return { ...formerSettingDefaults, ...Object.fromEntries(entries) };
}

function presentValue(text: string, former: (typeof formerColumnValues)[string] = []): string {
  const presentPart = (part: string): string => {
    const found = former.find(([pattern]) => pattern.test(part));
    return found ? part.replace(...found) : part;
  };
  return text.split(", ").map(presentPart).join(", ");
}

function renameKeys<T extends object>(object: T, names: Readonly<Record<string, string>>): T {
  const entries = Object.entries(object).map(([name, value]) => [
    Object.hasOwn(names, name) ? names[name] : name,
    value,
  ]);
  return Object.fromEntries(entries);
}
