import { describe, expect, it } from "vitest";
import { readAb, readArtillery, readAutocannon, readH2load, readOwn, readTsung, readWrk } from "./parse-output.ts";
import * as recorded from "../../scenarios/testing/recorded-tool-output.ts";

it.each([
  ["wrk", readWrk, recorded.wrkOutput, 1_410],
  ["h2load", readH2load, recorded.h2loadOutput, 1_284],
  ["ab", readAb, recorded.abOutput, 5_492],
  ["autocannon", readAutocannon, recorded.autocannonOutput, 1_189],
  ["tsung, over all blocks of its log,", readTsung, recorded.tsungOutput, 1_525 + 569],
  ["Artillery", readArtillery, recorded.artilleryOutput, 372],
  ["one of our own generators", readOwn, '{"roundTrips":7,"errors":0}', 7],
])("reads the round trips of %s, without errors", (_name, read, output, roundTrips) => {
  expect(read(output)).toEqual({ roundTrips, errors: 0 });
});

it.each([
  ["wrk", readWrk, recorded.wrkOutputRefused, 1_716],
  ["h2load", readH2load, recorded.h2loadOutputRefused, 2_216],
  ["ab", readAb, recorded.abOutputRefused, 3_760],
  ["tsung", readTsung, recorded.tsungOutputRefused, 294],
  ["Artillery", readArtillery, recorded.artilleryOutputRefused, 190],
])("counts each error response among the errors of %s", (_name, read, output, responses) => {
  expect(read(output)).toEqual({ roundTrips: responses, errors: responses });
});

it("counts the error responses of autocannon as errors, not as round trips", () => {
  expect(readAutocannon(recorded.autocannonOutputRefused)).toEqual({ roundTrips: 0, errors: 1_293 });
});

it.each([
  ["closed, by wrk", readWrk, recorded.wrkOutputClosed, 1_809],
  ["refused, by ab", readAb, recorded.abOutputClosed, 42_909],
  ["silent, by autocannon", readAutocannon, recorded.autocannonOutputTimeouts, 5],
])("counts as errors the connections that were %s", (_name, read, output, errors) => {
  expect(read(output).errors).toBe(errors);
});

describe("unknown output", () => {
  it.each([
    ["wrk", readWrk],
    ["h2load", readH2load],
    ["ab", readAb],
    ["autocannon", readAutocannon],
    ["tsung", readTsung],
    ["Artillery", readArtillery],
    ["ours", readOwn],
  ])("of %s is a RunError of one sentence", (_name, read) => {
    expect(() => read("Usage: tool [options]\n")).toThrow(/^(nothing in its output matches|its output is not JSON)/);
  });
});
