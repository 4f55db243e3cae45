import type { Dialect } from "../../../scenarios/lib/dialect.ts";

/** A dialect that says and hears texts as they are. */
export const plainDialect: Dialect = {
  name: "test",
  enter: [],
  hear: "whole",
  ignore: [],
  answer: {},
  speakerExcluded: false,
  match: "text",
  greeting: false,
};
