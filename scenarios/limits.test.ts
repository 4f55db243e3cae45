import { expect, it } from "vitest";
import { UserError } from "./errors.ts";
import { checkDescriptors } from "./limits.ts";

const check = (socketsPerClient: number, limit: number | null) => () =>
  checkDescriptors("long-poll", socketsPerClient, 1_000, limit);

it("lets pass what just fits and refuses what does not, with every socket of a client counted", () => {
  expect(check(1, 1_064)).not.toThrow();
  expect(check(1, 1_063)).toThrow(UserError);
  expect(check(2, 2_064)).not.toThrow();
  expect(check(2, 2_063)).toThrow(UserError);
});

it("says how many descriptors are needed and allowed, where, and what to do", () => {
  for (const part of ["long-poll with 1000 clients", "2064 descriptors in the server process", "may have 2063 open"])
    expect(check(2, 2_063)).toThrow(part);
  expect(check(2, 2_063)).toThrow("at most 999 --clients fit, or raise the limit (ulimit -n).");
});

it("never offers less than no clients", () => {
  expect(check(1, 10)).toThrow("at most 0 --clients fit");
});

it("refuses nothing where the system has no limit or does not say", () => {
  expect(check(1_000_000, null)).not.toThrow();
});
