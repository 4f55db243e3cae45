import { textTable, formatNumber, type TextColumn } from "../results/text/text-table.ts";
import { hasFormula } from "./wire-bytes/formulas.ts";
import { UserError } from "../scenarios/lib/errors.ts";
import { proofHolds, proveTransport, type Proof } from "./wire-bytes/prove.ts";
import { trafficOverheadBytes } from "./wire-bytes/compare-traffic.ts";
import { transports } from "../scenarios/transports.ts";
import { commandNamed, exitCodes, main, transportNamed } from "./lib/cli.ts";
import {
  isModulePath,
  loadTransport,
  withTlsSuffix,
  tlsTransports,
  transportLabel,
} from "../scenarios/transports/load-transport.ts";

const command = commandNamed(
  "prove:bytes",
  "Weighs one message after another on every transport and compares the bytes with what its protocol says.",
)
  .option("--tls", "each of them over TLS 1.3")
  .option("--transports <names>", "comma-separated (default: all)", (names) => names.split(",").map(transportNamed));

const legend = "Overhead: bytes on the TCP stream, both directions, that are not payload.";

interface Line {
  name: string;
  proof: Proof;
}

const shown: TextColumn<Line>[] = [
  { heading: "\ntransport", value: ({ name }) => name },
  { heading: "\ndirection", value: ({ proof }) => proof.subject },
  { heading: "\nkind", value: ({ proof }) => proof.message?.kind ?? "" },
  { heading: "payload\nB", number: true, value: ({ proof }) => proof.message?.payloadBytes.toLocaleString("en") ?? "" },
  {
    heading: "overhead B:\nmeasured",
    number: true,
    value: ({ proof }) => formatNumber(trafficOverheadBytes(proof.measured), 0),
  },
  { heading: "\nexpected", number: true, value: ({ proof }) => formatNumber(trafficOverheadBytes(proof.expected), 0) },
  { heading: "\nok", value: ({ proof }) => (proofHolds(proof) ? "ok" : "NO") },
];

await main(async () => {
  const { tls, transports: given } = command.parse().opts<{ tls?: true; transports?: string[] }>();
  const all = given ?? Object.keys(transports);
  const asked = !tls ? all : (given?.map(withTlsSuffix) ?? tlsTransports());
  for (const name of asked) await loadTransport(name); // says which there are
  const names = asked.filter(hasFormula);
  const without = asked.filter((name) => !hasFormula(name));
  if (names.length === 0) throw new UserError(`Nothing was proven: ${remedies(without).join("; ")}.`);
  const proofs = await Promise.all(names.map((name) => proveTransport(name)));
  const lines = proofs.flatMap((own, i) => own.map((proof): Line => ({ name: names[i]!, proof })));
  const unequal = lines.filter(({ proof }) => !proofHolds(proof));
  console.log(textTable(shown, lines));
  for (const line of unequal) console.log(`\n${explain(line)}`);
  console.log(`\n${legend}\n${lines.length - unequal.length} of ${lines.length} equal`);
  if (without.length > 0)
    console.log(
      `Not proven, for want of a formula in scripts/wire-bytes/formulas.ts: ${without.map(transportLabel).join(", ")}`,
    );
  return unequal.length === 0 ? exitCodes.done : exitCodes.rowFailed;
});

/** What it takes to prove these, in a clause for those on the list and one for modules elsewhere. */
function remedies(without: readonly string[]): string[] {
  const elsewhere = without.filter(isModulePath);
  const listed = without.filter((name) => !isModulePath(name));
  const clauses = [
    [listed, (names: string) => `add a formula of ${names} to scripts/wire-bytes/formulas.ts`],
    [
      elsewhere.map(transportLabel),
      (names: string) =>
        `${names} can have no formula outside this repository, so bring it in with npm run new-transport`,
    ],
  ] as const;
  return clauses.flatMap(([names, say]) => (names.length === 0 ? [] : [say(names.join(", "))]));
}

/** All the counters of a proof that failed: sums may agree where roles or directions do not. */
function explain({ name, proof: { subject, message, measured, expected } }: Line): string {
  const which = [name, subject, message?.kind, message?.payloadBytes].filter((word) => word !== undefined).join(" ");
  return `${which}\n  measured ${JSON.stringify(measured)}\n  expected ${JSON.stringify(expected)}`;
}
