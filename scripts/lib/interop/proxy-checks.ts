import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { startScript } from "../spawn-script.ts";
import { programs, installedVersion } from "../../../scenarios/proxies/programs.ts";
import { proxies, type ProxyName } from "../../../scenarios/proxies.ts";

/** A trial through a reverse proxy, and what came of it. */
export interface ProxyCheck {
  through: string;
  transport: string;
  scenario: string;
  delivered: string;
  /** "ok", or what is wrong. */
  result: string;
}

/** A run of the bench through proxies, and what is wrong with a row of it. */
interface ProxyRun {
  args: string;
  transports: string;
  through: readonly ProxyName[];
  problemOf(row: CsvRow): string | undefined;
}

type CsvRow = Readonly<Record<string, string>>;

const small = "--clients 20 --rate 20 --duration 1s --warmup 200ms";

/** Every message arrived once. */
function complete({ status, error, sent, expected, delivered, duplicated }: CsvRow): string | undefined {
  if (status === "failed") return error;
  if (sent === "" || sent === "0") return "nothing was sent";
  return delivered === expected && duplicated === "0" ? undefined : `${delivered} of ${expected} delivered`;
}

/** The trial failed, and its sentence has these words. */
const failsWith =
  (words: RegExp) =>
  ({ status, error }: CsvRow): string | undefined => {
    if (status !== "failed") return "did not fail";
    return words.test(error ?? "") ? undefined : `says ${error}`;
  };

/** What nginx with proxy_pass alone does to each transport. */
const asItComes: Record<string, (row: CsvRow) => string | undefined> = {
  ws: failsWith(/proxy_set_header Upgrade/),
  sse: failsWith(/proxy_buffering off/),
  "long-poll": complete,
  "socket.io-default": complete,
};

/** WebSocket frames are the same on both sides of a proxy; requests get headers. */
function countsBothSides(row: CsvRow): string | undefined {
  const [clients, servers] = [Number(row["client_wire_bytes_out"]), Number(row["wire_bytes_out"])];
  if (row["transport"] !== "ws") return undefined;
  return Math.abs(clients / servers - 1) < 0.1 ? undefined : `${clients} bytes to clients, ${servers} from servers`;
}

const runs: readonly ProxyRun[] = [
  {
    args: `--scenario chat-100 ${small}`,
    transports: "ws,sse,long-poll,socket.io-default",
    through: ["nginx", "haproxy", "haproxy-tcp", "caddy", "nginx-default"],
    problemOf: (row) =>
      row["through"] === "nginx-default" ? asItComes[row["transport"]!]!(row) : (complete(row) ?? countsBothSides(row)),
  },
  {
    args: `--scenario echo --servers 2 ${small}`,
    transports: "long-poll,socket.io-polling",
    through: ["nginx", "haproxy", "caddy", "nginx-round-robin"],
    problemOf: (row) =>
      row["through"] === "nginx-round-robin" ? failsWith(/without sticky sessions/)(row) : complete(row),
  },
  {
    args: `--scenario chat-100 ${small}`,
    transports: "ws+tls,sse+tls,grpc",
    through: ["nginx", "haproxy", "caddy"],
    problemOf: complete,
  },
  {
    args: `--scenario chat-100 --fault reload@1s ${small} --duration 4s`,
    transports: "ws",
    through: ["nginx", "caddy"],
    problemOf: ({ status, error, through, noticed }) => {
      if (status === "failed") return error;
      const expected = through === "caddy" ? "20" : "0"; // Caddy closes WebSockets when it reloads
      return noticed === expected ? undefined : `${noticed} of 20 clients noticed the reload`;
    },
  },
];

/** Debian packages of the proxies that are not installed here, as commands. */
export async function missingProxies(): Promise<string[]> {
  const names = Object.keys(programs) as (keyof typeof programs)[];
  const missing = await Promise.all(
    names.map((name) =>
      installedVersion(name, name).then(
        () => [],
        () => [programs[name].install],
      ),
    ),
  );
  return missing.flat();
}

/** Runs at the same time: they mostly wait. */
const concurrency = 2;

/** Runs the bench through every proxy but those that are `missing`, as `missingProxies` returns them. */
export async function runProxyChecks(folder: string, missing: readonly string[]): Promise<ProxyCheck[]> {
  const isThere = (name: ProxyName): boolean => !missing.includes(programs[proxies[name].program].install);
  const checks: ProxyCheck[][] = [];
  const waiting = runs.entries();
  const work = async (): Promise<void> => {
    for (const [i, run] of waiting) checks[i] = await runOne(run, run.through.filter(isThere), folder, i);
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return checks.flat();
}

async function runOne(
  { args, transports, problemOf }: ProxyRun,
  through: readonly ProxyName[],
  folder: string,
  number: number,
): Promise<ProxyCheck[]> {
  if (through.length === 0) return [];
  const out = join(folder, `proxies-${number}.csv`);
  const words = ["--transports", transports, "--through", through.join(","), "--out", out];
  const { code, seen } = startScript("bench.js", [...args.split(" "), ...words]);
  const exit = await code;
  // A row may be invalid on a busy machine; what is counted is the same.
  if (exit !== 0 && exit !== 1 && exit !== 3)
    throw new Error(`bench through ${through.join(", ")} ended with ${exit}: ${seen.err}`);
  const rows: CsvRow[] = parse(readFileSync(out), { columns: true });
  return rows.map((row) => ({
    through: row["through"]!,
    transport: row["transport"]!,
    scenario: row["fault"] === "none" ? row["scenario"]! : row["fault"]!,
    delivered: row["status"] === "failed" ? "-" : `${row["delivered"]} of ${row["expected"]}`,
    result: problemOf(row) ?? "ok",
  }));
}
