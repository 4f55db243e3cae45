import { expect, it } from "vitest";
import { dropsIn } from "./kernel.ts";

it("adds up the packets that every CPU's queue had no place for", () => {
  expect(dropsIn("01dfaa13 0008aad3 00000041 00000000\n01e0298f 0000000a 0000003b 00000000\n")).toBe(0x8aad3 + 10);
  expect(dropsIn("")).toBe(0);
});
