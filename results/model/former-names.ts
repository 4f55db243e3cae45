/** A former value of a text and the value that stands for it now. */
type FormerValue = readonly [former: RegExp, now: string];

const formerScenarios: readonly FormerValue[] = [[/^connect-talk-leave$/, "connect-per-message"]];

/**
 * Values that older versions wrote into text columns, and the present ones. A value that is a list with commas is
 * looked up part by part. Former names of columns are in the columns' own tables (`formerly`).
 */
export const formerColumnValues: Readonly<Record<string, readonly FormerValue[]>> = {
  scenario: formerScenarios,
  traffic_pattern: [
    [/^hub speaks$/, "server sends"],
    [/^clients and hub speak$/, "clients and server send"],
    [/^hub hears$/, "server receives"],
    [/^visits$/, "connection per message"],
    [/^(\d+) stop reading$/, "$1 paused"],
    [/^turns of (\S+) ms$/, "slots of $1 ms"],
  ],
};

/** Former keys at the top of a run record, the JSON beside a CSV. */
export const formerRecordKeys: Readonly<Record<string, string>> = { against: "baseline" };

/** Former keys of the settings of a trial in a run record. */
export const formerSettingKeys: Readonly<Record<string, string>> = {
  offeredPerS: "ratePerS",
  speakers: "senderSide",
  turnMs: "halfDuplexSlotMs",
  visits: "connectPerMessage",
  slowClients: "pausedClients",
  hiccupMs: "warmupPauseMs",
};

/** Former values of settings, by the present key of the setting. */
export const formerSettingValues: Readonly<Record<string, readonly FormerValue[]>> = {
  scenario: formerScenarios,
  app: [[/^report$/, "ingest"]],
  senderSide: [[/^hub$/, "server"]],
};

/** Settings that older records lack, with the values that they had without being recorded. */
export const formerSettingDefaults: Readonly<Record<string, unknown>> = { warmupPauseMs: 0 };

/** Former keys of the options of a transport in a run record. */
export const formerOptionKeys: Readonly<Record<string, string>> = {
  alsoAt: "additionalHosts",
  own: "transportOptions",
};

/** Options that older records lack, with the values that they had without being recorded. */
export const formerOptionDefaults: Readonly<Record<string, unknown>> = { transportOptions: {} };
