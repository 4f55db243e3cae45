import { describe, expect, it } from "vitest";
import { formulaOf, hasFormula } from "./formulas.ts";
import { casesFor, proveTransport, type Proof } from "./prove.ts";

/** Measured or expected of each proof, by what it is the proof of. */
function sheet(proofs: readonly Proof[], side: "measured" | "expected") {
  return Object.fromEntries(
    proofs.map((proof) => {
      const { kind, payloadBytes } = proof.message ?? {};
      return [[proof.subject, kind, payloadBytes].join(" ").trim(), proof[side]];
    }),
  );
}

/** Weighs each of these transports of the list that has a formula: a test each. */
export function defineByteTests(names: readonly string[]): void {
  describe.each(names.filter(hasFormula))("%s", (name) => {
    it("costs on the wire what its formula says, to the byte, by role and direction", { timeout: 60_000 }, async () => {
      const proofs = await proveTransport(name);
      const { setUp, idle } = formulaOf(name);
      expect(proofs.length).toBe((await casesFor(name)).length + (setUp ? 1 : 0) + (idle ? 1 : 0));
      expect(sheet(proofs, "measured")).toEqual(sheet(proofs, "expected"));
    });
  });
}
