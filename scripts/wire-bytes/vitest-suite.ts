import { describe, expect, it } from "vitest";
import { formulaOf, hasFormula } from "./formulas.ts";
import { casesFor, proveTransport, type Proof } from "./prove.ts";

/** One side of all proofs, keyed by what each proof measured. */
function trafficByProof(proofs: readonly Proof[], side: "measured" | "atClients" | "expected") {
  return Object.fromEntries(
    proofs.map((proof) => {
      const { kind, payloadBytes } = proof.message ?? {};
      return [[proof.subject, kind, payloadBytes].join(" ").trim(), proof[side]];
    }),
  );
}

/** Defines one test for each of these transports that has a formula: it measures all cases and compares the bytes. */
export function defineByteTests(names: readonly string[]): void {
  describe.each(names.filter(hasFormula))("%s", (name) => {
    it(
      "costs exactly the bytes of its formula, by role and direction, counted at either end",
      { timeout: 60_000 },
      async () => {
        const proofs = await proveTransport(name);
        const { setUp, idle } = formulaOf(name);
        expect(proofs.length).toBe((await casesFor(name)).length + (setUp ? 1 : 0) + (idle ? 1 : 0));
        expect(trafficByProof(proofs, "measured")).toEqual(trafficByProof(proofs, "expected"));
        expect(trafficByProof(proofs, "atClients")).toEqual(trafficByProof(proofs, "measured"));
      },
    );
  });
}
