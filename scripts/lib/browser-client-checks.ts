import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { apps } from "../../scenarios/definitions/apps.ts";
import { allProcesses, readProc, readProcess } from "../../scenarios/lib/processes.ts";
import { until } from "../../scenarios/lib/until.ts";
import { loadTransport, optionsFor } from "../../scenarios/transports/load-transport.ts";
import { browserHeaderBytes } from "./bench/browser-headers.ts";
import { leftovers, startScript, type Spawned } from "./spawn-script.ts";

type Row = Record<string, string>;

/** Checks of pages of Chromium as clients, by their titles. Each takes the folder for its results. */
export const browserClientChecks: Record<string, (folder: string) => Promise<string[]>> = {
  "pages: five of them echo over every transport, exactly once each": checkEcho,
  "pages: every transport passes checks of the conformance suite": checkConformance,
  "pages: a chat has the same deliveries as with the lean client": checkChat,
  "pages: lost, doubled and damaged messages are counted": checkDamage,
  "pages: one that is killed makes a failed row that names it": checkKilledPage,
  "pages: a bench that is killed leaves no Chromium and no profile": checkLeftovers,
  "pages: a poll has as many bytes of headers as --extra-header-bytes browser says": checkHeaderBytes,
};

const inPages = ["ws", "sse", "short-poll", "long-poll", "socket.io"].map((name) => `${name}-browser`);

/** Starts a bench whose processes have a mark. */
function startBench(folder: string, name: string, args: string): Spawned {
  const all = [...args.split(" "), "--warmup", "0ms", "--force", "--out", join(folder, `${name}.csv`)];
  return startScript("bench.js", all, { BENCH_MARK: markOf(name), TMPDIR: folder });
}

const markOf = (name: string): string => `${name}-${process.pid}`;

async function rowsOf(folder: string, name: string, args: string): Promise<Row[]> {
  const { seen, code } = startBench(folder, name, args);
  const exit = await code;
  try {
    return parse(readFileSync(join(folder, `${name}.csv`)), { columns: true });
  } catch (cause) {
    throw new Error(`bench ended with ${exit}: ${seen.err.trim() || seen.out.trim()}`, { cause });
  }
}

/** What is wrong with a row in which every message must have arrived once, as it was sent. */
function faultsOf(row: Row): string[] {
  const { transport = "", error = "", expected, delivered, rules = "" } = row;
  if (error !== "") return [`${transport}: ${error}`];
  const wrong = ["duplicated", "reordered", "corrupted", "unexpected"].filter((name) => row[name] !== "0");
  return [
    ...(delivered === expected ? [] : [`${transport}: ${delivered} of ${expected} arrived`]),
    ...wrong.map((name) => `${transport}: ${row[name]} ${name}`),
    ...(row["status"] === "invalid" ? [`${transport}: the row is invalid: ${rules}`] : []),
  ];
}

async function checkEcho(folder: string): Promise<string[]> {
  const flags = "--scenario echo --clients 5 --rate 50 --duration 1s";
  const rows = await rowsOf(folder, "pages-echo", `--transports ${inPages.join()} ${flags}`);
  return [
    ...(rows.length === inPages.length ? [] : [`there are ${rows.length} rows`]),
    ...rows.flatMap(faultsOf),
    ...rows.flatMap(({ transport, client, clock, latency_of: of, latency_min_us: least }) => [
      ...(client === "Chromium" && clock === "5 pages" ? [] : [`${transport}: ${client} with the clock ${clock}`]),
      // Where a busy machine leaves the clock of a page too uncertain, there is no latency.
      ...(of === "" || Number(least) > 0 ? [] : [`${transport}: the least latency is ${least} us`]),
    ]),
  ];
}

/** Some checks of each kind: the whole suite is for `npm run conformance -- ws-browser`. */
async function checkConformance(): Promise<string[]> {
  const ids = "payload-every-byte,payload-astral,application-closes,client-closes";
  const { seen, code } = startScript("conformance.js", [...inPages, "--only", ids]);
  return (await code) === 0 ? [] : [...seen.out.matchAll(/FAILED.*|Reason:.*/g)].map(([line]) => line);
}

async function checkChat(folder: string): Promise<string[]> {
  const flags = "--scenario chat-100 --clients 8 --rate 40 --duration 1s";
  const rows = await rowsOf(folder, "pages-chat", `--transports ws,ws-browser ${flags}`);
  const counts = rows.map(({ sent, delivered }) => `${sent} sent, ${delivered} delivered`);
  return [
    ...rows.flatMap(faultsOf),
    ...(counts[0] === counts[1] ? [] : [`the lean client has ${counts[0]}, pages have ${counts[1]}`]),
  ];
}

async function checkDamage(folder: string): Promise<string[]> {
  const path = fileURLToPath(new URL("../../scenarios/testing/faulty-browser.js", import.meta.url));
  const flags = "--scenario chat-100 --clients 5 --rate 100 --duration 1s";
  const [row] = await rowsOf(folder, "pages-damage", `--transports ${path} ${flags}`);
  if (row!["error"] !== "") return [row!["error"]!];
  const missing = ["lost", "duplicated", "reordered", "corrupted"].filter((name) => !(Number(row![name]) > 0));
  return missing.map((name) => `there are no ${name} messages`);
}

/** Processes of a bench in which pages are. Their environment is gone, but not their process group. */
function renderersOf(name: string): number[] {
  const marked = leftovers(markOf(name));
  const groups = new Set(allProcesses().flatMap(({ pid, group }) => (marked.includes(String(pid)) ? [group] : [])));
  // A renderer of the browser's own surface is no page.
  const isPage = (pid: number): boolean => {
    const command = readProc(`/proc/${pid}/cmdline`) ?? "";
    return command.includes("--type=renderer") && !command.includes("--top-chrome-webui");
  };
  return allProcesses().flatMap(({ pid, group, ended }) => (groups.has(group) && !ended && isPage(pid) ? [pid] : []));
}

/** Milliseconds in which the pages of a bench are open, on a busy machine. */
const startMs = 40_000;

async function checkKilledPage(folder: string): Promise<string[]> {
  const name = "pages-killed";
  const { seen, code } = startBench(folder, name, "--transports ws-browser --scenario echo --clients 3 --duration 20s");
  await until(() => /measuring/.test(seen.out + seen.err), "the window has begun", startMs);
  process.kill(renderersOf(name)[1]!, "SIGKILL");
  await code;
  const [row] = parse(readFileSync(join(folder, `${name}.csv`)), { columns: true }) as Row[];
  const { status, error } = row!;
  return status === "failed" && /page \d of Chromium/.test(error!) ? [] : [`the row is ${status}: ${error}`];
}

async function checkLeftovers(folder: string): Promise<string[]> {
  const name = "pages-left";
  const { child, code } = startBench(
    folder,
    name,
    "--transports ws-browser --scenario echo --clients 2 --duration 20s",
  );
  await until(() => renderersOf(name).length >= 2, "two pages are open", startMs);
  const pages = renderersOf(name);
  child.kill("SIGKILL");
  await code;
  const left = (): unknown[] => [
    ...leftovers(markOf(name)),
    ...pages.filter((pid) => readProcess(pid)?.ended === false),
  ];
  await until(() => left().length === 0, "every process has ended");
  const profiles = (): string[] => readdirSync(folder).filter((file) => file.startsWith("chromium-"));
  await until(() => profiles().length === 0, "the profile of Chromium is removed");
  return [];
}

/** Bytes of the request of an empty poll of one client. */
async function pollBytes(name: string): Promise<number> {
  const transport = await loadTransport(name);
  const options = optionsFor(transport, { pollIntervalMs: 50 });
  const [{ default: serve }, { default: connect }] = [await transport.server(), await transport.client()];
  const server = await serve(apps.echo, options);
  const connection = await connect(
    server.addresses[0]!,
    { receive: () => undefined, closed: () => undefined },
    options,
  );
  const polls = (): number => server.traffic()!.pollsAnswered;
  await until(() => polls() >= 5, "five polls were answered");
  const [bytes, count] = [server.traffic()!.wire.down.in, polls()];
  connection.close();
  await server.close();
  return bytes / count;
}

async function checkHeaderBytes(): Promise<string[]> {
  const added = (await pollBytes("short-poll-browser")) - (await pollBytes("short-poll"));
  const isClose = Math.abs(added - browserHeaderBytes) <= 0.1 * browserHeaderBytes;
  return isClose ? [] : [`Chromium adds ${added} bytes to a poll, and not ${browserHeaderBytes}`];
}
