import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { textTable, wrapText, type TextColumn } from "../results/text/text-table.ts";
import { errorMessage, UserError } from "../scenarios/lib/errors.ts";
import { transports } from "../scenarios/transports.ts";
import { loadTransport, tlsSuffix, transportLabel } from "../scenarios/transports/load-transport.ts";
import type { Transport } from "../scenarios/transports/transport.ts";
import { launchChromium } from "./lib/chromium.ts";
import { commandNamed, exitCodes, main, transportList } from "./lib/cli.ts";
import { foreignServers, isInstalled, runForeignServer, type ForeignServer } from "./lib/interop/foreign-servers.ts";
import { expectedCount, joinMethods, runInterop, type HostedApp, type JoinMethod } from "./lib/interop/interop.ts";
import { missingProxies, runProxyChecks, type ProxyCheck } from "./lib/interop/proxy-checks.ts";
import { endAllScripts } from "./lib/spawn-script.ts";

const command = commandNamed(
  "test:interop",
  "Joins the servers with nc, curl, mosquitto_sub, a browser and others, as npm run serve prints, and checks what they receive.",
).option("--transports <names>", "comma-separated names (default: every transport that can be joined)", transportList);

/** Transports that are also joined over TLS. */
const tlsNames = ["long-poll", "sse", "h2-sse", "ws", "socket.io", "socket.io-default", "tcp-lines"].map(
  (name) => name + tlsSuffix,
);

/** Methods that are tested at the same time. Each spends most of its time waiting. */
const concurrency = 4;

/** The outcome of one method: the messages received under each application, or the failure. */
interface Outcome extends JoinMethod {
  received: Partial<Record<HostedApp, number>>;
  failure?: string;
}

const columns: TextColumn<Outcome>[] = [
  { heading: "transport", value: ({ transport }) => transportLabel(transport) },
  { heading: "client", value: ({ tool }) => tool.name },
  { heading: "version", value: ({ tool }) => tool.version ?? "" },
  { heading: "received\nin chat", number: true, value: ({ received }) => countText(received, "chat") },
  { heading: "received\nin echo", number: true, value: ({ received }) => countText(received, "echo") },
  { heading: "\nresult", value: resultText },
];

interface ForeignResult {
  title: string;
  scenario: string;
  delivered: string;
  overhead: string;
  result: string;
}

const notInstalled = "not installed";

const foreignColumns: TextColumn<ForeignResult>[] = [
  { heading: "\nserver of somebody else", value: ({ title }) => title },
  { heading: "\nscenario", value: ({ scenario }) => scenario },
  { heading: "\ndelivered", number: true, value: ({ delivered }) => delivered },
  { heading: "overhead B:\nsend, delivery", number: true, value: ({ overhead }) => overhead },
  { heading: "\nresult", value: ({ result }) => (result === "ok" || result === notInstalled ? result : "FAILED") },
];

const proxyColumns: TextColumn<ProxyCheck>[] = [
  { heading: "through", value: ({ through }) => through },
  { heading: "transport", value: ({ transport }) => transport },
  { heading: "scenario", value: ({ scenario }) => scenario },
  { heading: "delivered", number: true, value: ({ delivered }) => delivered },
  { heading: "result", value: ({ result }) => (result === "ok" ? result : "FAILED") },
];

await main(async () => {
  const { transports: names } = command.parse().opts<{ transports?: string[] }>();
  const folder = mkdtempSync(join(tmpdir(), "interop-"));
  writeFileSync(join(folder, "page.html"), "<!doctype html><title>Empty page</title>");
  const browser = await launchChromium().catch((error: unknown) => {
    if (error instanceof UserError) return undefined;
    throw error;
  });
  try {
    const page = browser && { browser, url: pathToFileURL(join(folder, "page.html")).href };
    const methods = (await joinableTransports(names)).flatMap(([name, transport]) =>
      joinMethods(name, transport, page),
    );
    const outcomes: Outcome[] = [];
    const queue = methods.entries();
    const work = async (): Promise<void> => {
      for (const [i, method] of queue) outcomes[i] = await test(method);
    };
    await Promise.all(Array.from({ length: concurrency }, work));

    console.log(textTable(columns, outcomes));
    console.log("\nEach row: two clients join as npm run serve prints, and each sends a message.");
    console.log("In chat both clients receive both messages, in echo each receives its own.");
    const failed = outcomes.filter(({ failure }) => failure !== undefined);
    for (const { transport, tool, failure } of failed)
      console.log(wrapText(`${transportLabel(transport)} with ${tool.name}: ${failure}.`));
    const foreign = names ? [] : await tryForeignServers(folder);
    const proxied = names ? [] : await tryProxies(folder);
    const missing = outcomes.filter(({ tool }) => tool.version === undefined).map(({ tool }) => tool.install);
    if (missing.length > 0)
      console.log(`Some tools are not installed. To test them: ${[...new Set(missing)].join("; ")}.`);
    const wrong = [...foreign, ...proxied].filter(({ result }) => result !== "ok" && result !== notInstalled);
    return failed.length + wrong.length === 0 ? exitCodes.done : exitCodes.rowFailed;
  } finally {
    endAllScripts();
    await browser?.close();
    rmSync(folder, { recursive: true });
  }
});

/** Trials through each reverse proxy that is installed. Prints a table. */
async function tryProxies(folder: string): Promise<ProxyCheck[]> {
  const missing = await missingProxies();
  const checks = await runProxyChecks(folder, missing);
  if (checks.length > 0) console.log(`\n${textTable(proxyColumns, checks)}`);
  if (checks.length > 0) console.log("nginx-default is to fail for ws and sse, and nginx-round-robin for sessions.");
  for (const { through, transport, result } of checks)
    if (result !== "ok") console.log(wrapText(`${transport} through ${through}: ${result}.`));
  if (missing.length > 0) console.log(`Some proxies are not installed. To test them: ${missing.join("; ")}.`);
  return checks;
}

/** A trial at each server of somebody else, through its dialect. Prints a table. */
async function tryForeignServers(folder: string): Promise<ForeignResult[]> {
  const results: ForeignResult[] = [];
  const missing = new Set<string>();
  for (const [i, server] of foreignServers.entries()) {
    const { dialect, title = dialect, scenario, needs } = server;
    const none = { title, scenario, delivered: "-", overhead: "-" };
    if (!isInstalled(server)) {
      missing.add(needs!.debian);
      results.push({ ...none, result: notInstalled });
      continue;
    }
    const own = join(folder, `foreign-${i}`);
    mkdirSync(own);
    results.push(
      await foreignResult(server, own).catch((error: unknown) => ({ ...none, result: errorMessage(error) })),
    );
  }
  console.log(`\n${textTable(foreignColumns, results)}`);
  for (const { title, result } of results)
    if (result !== "ok" && result !== notInstalled) console.log(wrapText(`${title}: ${result}.`));
  if (missing.size > 0) console.log(`Not installed: apt-get install ${[...missing].join(" ")}`);
  return results;
}

async function foreignResult(server: ForeignServer, folder: string): Promise<ForeignResult> {
  const { row, expected, differences } = await runForeignServer(server, folder);
  return {
    title: server.title ?? server.dialect,
    scenario: server.scenario,
    delivered: `${row["delivered"]} of ${expected}`,
    overhead: `${row["overhead_bytes_per_send"] || "-"}, ${row["overhead_bytes_per_delivery"] || "-"}`,
    result: differences.length === 0 ? "ok" : differences.join("; "),
  };
}

/** The named transports. Throws a UserError if no common tool can join one of them. */
async function joinableTransports(names: readonly string[] | undefined): Promise<[string, Transport][]> {
  const wanted = names ?? [...distinctServers(), ...tlsNames];
  const all = await Promise.all(
    wanted.map(async (name): Promise<[string, Transport]> => [name, await loadTransport(name)]),
  );
  const impossible = all.find(([name, transport]) => joinMethods(name, transport, undefined).length === 0);
  if (impossible) throw new UserError(`No common tool can join ${transportLabel(impossible[0])}. Leave it out.`);
  return all;
}

/**
 * Names of the transports that a tool can join, one for each kind of server. A server that hosts an application of its
 * own is left out: it does not print who is connected, and the test waits for that.
 */
function distinctServers(): string[] {
  const servers = new Map<string, string>();
  for (const [name, { manualClients, variantOf, options, guarantees }] of Object.entries<Transport>(transports)) {
    if (guarantees.apps || manualClients === undefined) continue;
    const server = JSON.stringify([manualClients, variantOf ?? name, options.transportOptions]);
    if (!servers.has(server)) servers.set(server, name);
  }
  return [...servers.values()];
}

async function test(method: JoinMethod): Promise<Outcome> {
  const received: Outcome["received"] = {};
  if (method.tool.version === undefined) return { ...method, received };
  try {
    for (const app of ["chat", "echo"] as const) received[app] = await runInterop(method, app);
    return { ...method, received };
  } catch (error) {
    return { ...method, received, failure: errorMessage(error) };
  }
}

function countText(received: Outcome["received"], app: HostedApp): string {
  return received[app] === undefined ? "-" : `${received[app]} of ${expectedCount(app)}`;
}

function resultText({ tool, failure }: Outcome): string {
  if (tool.version === undefined) return tool.install;
  return failure === undefined ? "ok" : "FAILED";
}
