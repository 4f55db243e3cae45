import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readResults } from "../results/files/read.ts";
import type { Row } from "../results/model/columns.ts";
import {
  formatMilliseconds,
  formatNumber,
  hangingIndent,
  textTable,
  type TextColumn,
} from "../results/text/text-table.ts";
import { UserError } from "../scenarios/lib/errors.ts";
import { parseDuration } from "../scenarios/lib/parse-units.ts";
import { commandNamed, exitCodes, interruption, main, userPath } from "./lib/cli.ts";
import { writeArchive } from "./lib/netem/archive.ts";
import { pingFaults, rowFaults } from "./lib/netem/checks.ts";
import { unpackKernel } from "./lib/netem/debian-kernel.ts";
import { guestFiles } from "./lib/netem/guest-files.ts";
import {
  benchTransports,
  observedNetworks,
  parseGuestLine,
  type GuestReport,
  type PingReport,
} from "./lib/netem/guest-report.ts";
import { requirePrograms } from "./lib/netem/host-programs.ts";
import { runMachine } from "./lib/netem/virtual-machine.ts";

interface Flags {
  kernelPackage?: string;
  timeout: number;
  show?: true;
}

/** Modules that the paths need and this kernel has not built in. */
const modules = ["veth", "sch_netem", "sch_htb", "cls_flower"];

const command = commandNamed(
  "verify:netem",
  "Boots Debian's kernel in a virtual machine and measures there over networks that the kernel makes (netem).",
)
  .option("--kernel-package <file>", "a linux-image-*-cloud-amd64.deb (default: apt-get downloads the newest)")
  .option("--timeout <time>", "longest time of the virtual machine", (v) => parseDuration("--timeout", v), 280_000)
  .option("--show", "print everything that the virtual machine prints")
  .addHelpText("after", "\nExamples:\n  npm run verify:netem\n  npm run verify:netem -- --show --timeout 10m");

const pingColumns: TextColumn<PingReport>[] = [
  { heading: "path", value: ({ text }) => text },
  { heading: "echoes", number: true, value: ({ sent }) => formatNumber(sent, 0) },
  { heading: "missing", number: true, value: ({ sent, back }) => formatNumber(sent - back, 0) },
  { heading: "counted", number: true, value: ({ counted }) => formatNumber(counted.lost, 0) },
  { heading: "least ms", number: true, value: ({ shortestMs }) => formatNumber(shortestMs, 2) },
  { heading: "mean ms", number: true, value: ({ meanMs }) => formatNumber(meanMs, 2) },
];

const rowColumns: TextColumn<Row>[] = [
  { heading: "transport", value: ({ transport = "" }) => transport },
  { heading: "network", value: ({ network = "" }) => network },
  { heading: "rtt ms", number: true, value: ({ network_rtt_us }) => formatMilliseconds(network_rtt_us) },
  { heading: "p50 ms", number: true, value: ({ latency_p50_us }) => formatMilliseconds(latency_p50_us) },
  { heading: "lost", number: true, value: ({ lost }) => formatNumber(lost, 0) },
  { heading: "status", value: ({ status = "" }) => status },
];

await main(async () => {
  const { kernelPackage, timeout, show } = command.parse().opts<Flags>();
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new UserError(
      "The virtual machine runs the programs of this one, so it needs Linux on x86-64: run it there.",
    );
  requirePrograms(["qemu-system-x86_64", "busybox", "dpkg-deb", "ip", "tc", "unshare", "nsenter"]);
  const signal = interruption();
  const folder = mkdtempSync(join(tmpdir(), "verify-netem-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const kernel = unpackKernel(folder, kernelPackage === undefined ? undefined : userPath(kernelPackage), modules);
  const files = join(folder, "guest.cpio");
  writeArchive(files, guestFiles(kernel));
  console.log(`Linux ${kernel.release} in a virtual machine:`);
  const reports: GuestReport[] = [];
  const onLine = (line: string): void => {
    const report = parseGuestLine(line);
    if (report) reports.push(report);
    if (show) console.log(line);
  };
  await runMachine({ kernel: kernel.image, files, limitMs: timeout, signal, onLine });
  return signal.aborted ? exitCodes.interrupted : judge(reports, join(folder, "rows.csv"));
});

/** Prints what was measured and what is wrong with it. Returns the exit code. */
async function judge(reports: readonly GuestReport[], csvFile: string): Promise<number> {
  const pings = reports.flatMap((report) => (report.kind === "ping" ? [report.ping] : []));
  const csv = reports.find((report) => report.kind === "rows")?.csv;
  const faults = reports.flatMap((report) => (report.kind === "failed" ? [report.reason] : []));
  if (csv === undefined) faults.push("the bench wrote no rows");
  if (pings.length < observedNetworks.length) faults.push(`ping looked at ${pings.length} paths`);
  for (const ping of pings) faults.push(...pingFaults(ping).map((fault) => `${ping.text}: ${fault}`));
  console.log(textTable(pingColumns, pings));
  if (csv !== undefined) {
    writeFileSync(csvFile, csv);
    const { rows } = await readResults(csvFile);
    for (const row of rows)
      faults.push(...rowFaults(row).map((fault) => `${row.transport} over ${row.network}: ${fault}`));
    const measured = rows.map(({ transport }) => transport).join();
    if (measured !== benchTransports.join()) faults.push(`the bench measured ${measured}`);
    console.log(`\n${textTable(rowColumns, rows)}\n\n${csv}`);
  }
  for (const fault of faults) console.log(hangingIndent("WRONG: ", fault));
  console.log(`${pings.length} paths, ${faults.length} faults`);
  return faults.length === 0 ? exitCodes.done : exitCodes.rowFailed;
}
