import { textTable, formatNumber, type TextColumn } from "../results/text/text-table.ts";
import { hasFormula } from "./wire-bytes/formulas.ts";
import { UserError } from "../scenarios/lib/errors.ts";
import { proofHolds, proveTransport, type Proof } from "./wire-bytes/prove.ts";
import { trafficOverheadBytes } from "./wire-bytes/compare-traffic.ts";
import { transports } from "../scenarios/transports.ts";
import { commandNamed, exitCodes, main, transportList } from "./lib/cli.ts";
import {
  isModulePath,
  loadTransport,
  withTlsSuffix,
  tlsTransports,
  transportLabel,
} from "../scenarios/transports/load-transport.ts";

const command = commandNamed(
  "prove:bytes",
  "Sends single messages over every transport and checks that the bytes on the wire equal its protocol's formula, counted at either end.",
)
  .option("--tls", "every transport over TLS 1.3")
  .option("--transports <names>", "comma-separated (default: all)", transportList)
  .addHelpText(
    "after",
    "\nExamples:\n  npm run prove:bytes\n  npm run prove:bytes -- --transports ws,tcp\n  npm run prove:bytes -- --tls",
  );

const legend =
  "Overhead: bytes on the TCP stream, both directions, that are not payload.\nmeasured: at the server. at clients: at the client's sockets, - if its library hides them.";

interface ProofRow {
  name: string;
  proof: Proof;
}

const tableColumns: TextColumn<ProofRow>[] = [
  { heading: "\ntransport", value: ({ name }) => name },
  { heading: "\naction", value: ({ proof }) => proof.subject },
  { heading: "\nkind", value: ({ proof }) => proof.message?.kind ?? "" },
  { heading: "payload\nB", number: true, value: ({ proof }) => proof.message?.payloadBytes.toLocaleString("en") ?? "" },
  {
    heading: "overhead B:\nmeasured",
    number: true,
    value: ({ proof }) => formatNumber(trafficOverheadBytes(proof.measured), 0),
  },
  {
    heading: "\nat clients",
    number: true,
    value: ({ proof: { atClients } }) => (atClients ? formatNumber(trafficOverheadBytes(atClients), 0) : "-"),
  },
  { heading: "\nexpected", number: true, value: ({ proof }) => formatNumber(trafficOverheadBytes(proof.expected), 0) },
  { heading: "\nequal", value: ({ proof }) => (proofHolds(proof) ? "yes" : "NO") },
];

await main(async () => {
  const { tls, transports: chosen } = command.parse().opts<{ tls?: true; transports?: string[] }>();
  const requested = tls ? (chosen?.map(withTlsSuffix) ?? tlsTransports()) : (chosen ?? Object.keys(transports));
  for (const name of requested) await loadTransport(name); // an unknown name is an error that lists the choices
  const names = requested.filter(hasFormula);
  const withoutFormula = requested.filter((name) => !hasFormula(name));
  if (names.length === 0) throw new UserError(`Nothing was proven: ${missingFormulaAdvice(withoutFormula)}.`);
  const proofs = await Promise.all(names.map((name) => proveTransport(name)));
  const rows = proofs.flatMap((ofTransport, i) => ofTransport.map((proof): ProofRow => ({ name: names[i]!, proof })));
  const unequal = rows.filter(({ proof }) => !proofHolds(proof));
  console.log(textTable(tableColumns, rows));
  for (const row of unequal) console.log(`\n${describeMismatch(row)}`);
  console.log(`\n${legend}\n${rows.length - unequal.length} of ${rows.length} equal`);
  if (withoutFormula.length > 0)
    console.log(
      `Not proven, because scripts/wire-bytes/formulas.ts has no formula: ${withoutFormula.map(transportLabel).join(", ")}`,
    );
  return unequal.length === 0 ? exitCodes.done : exitCodes.rowFailed;
});

/**
 * Advice for transports without a formula: one clause for those on the list, one for modules outside this repository.
 */
function missingFormulaAdvice(names: readonly string[]): string {
  const listed = names.filter((name) => !isModulePath(name));
  const modules = names.filter(isModulePath).map(transportLabel);
  const clauses: string[] = [];
  if (listed.length > 0) clauses.push(`add a formula of ${listed.join(", ")} to scripts/wire-bytes/formulas.ts`);
  if (modules.length > 0)
    clauses.push(
      `a module outside this repository has no formula, so add ${modules.join(", ")} with npm run new-transport first`,
    );
  return clauses.join("; ");
}

/** All counters of a failed proof: a sum may be equal while roles or directions are not. */
function describeMismatch({ name, proof: { subject, message, measured, atClients, expected } }: ProofRow): string {
  const title = [name, subject, message?.kind, message?.payloadBytes].filter((part) => part !== undefined).join(" ");
  return `${title}\n  measured   ${JSON.stringify(measured)}\n  at clients ${JSON.stringify(atClients)}\n  expected   ${JSON.stringify(expected)}`;
}
