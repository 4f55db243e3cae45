import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { runSubprocess } from "../../../scenarios/system/subprocess.ts";
import { projectFolder } from "../../../results/model/environment.ts";

/** What a trial at a server of somebody else needs besides its dialect. */
interface Preparation {
  args?: readonly string[];
  environment?: Record<string, string>;
}

/** A server that is none of ours, with the right answer of a trial. */
export interface ForeignServer {
  /** Name of its dialect file. */
  dialect: string;
  /** Name of the row of the table. Default: the dialect. */
  title?: string;
  scenario: "chat-100" | "echo";
  /** Receivers of each message. */
  receivers: number;
  /** Overhead in bytes per message sent and per delivery, where the protocol lets one reckon it. */
  overhead?: { send: number; delivery: number };
  /** Number of clients. Default: 20. */
  clients?: number;
  /** True if each client says one message at most in a window. Default: the senders are drawn. */
  inTurn?: boolean;
  /** Debian package that it needs, and a command that ends with code 0 where it is there. Default: none. */
  needs?: { debian: string; command: readonly string[] };
  /** Writes what it needs into an empty folder. */
  prepare?(folder: string): Preparation;
}

/** Messages and clients of a trial. */
const [messages, usualClients] = [80, 20];

/** Bytes of a WebSocket frame's header, for a payload of up to 125 bytes. */
const frame = { send: 6, delivery: 2 };
/** Bytes around a payload in a PUBLISH packet: header, length of the topic and the topic `rooms/xxxxxxxx-0`. */
const publish = 2 + 2 + "rooms/01234567-0".length;

const certificateFor = (folder: string, name: string): { key: string; cert: string } => {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=test", "-addext", `subjectAltName=${name}`];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert];
  execFileSync("openssl", [...request, ...subject], { stdio: "ignore" });
  return { key, cert };
};

const openssl = { debian: "openssl", command: ["openssl", "version"] };
const broker = { debian: "mosquitto", command: ["mosquitto_passwd", "-h"] };

/** A broker with a password; with `tls` over TLS. It stays root, since a trial's namespace has no other user. */
function prepareBroker(folder: string, tls: boolean): Preparation {
  const passwords = join(folder, "passwords");
  const configuration = join(folder, "mosquitto.conf");
  writeFileSync(passwords, "");
  execFileSync("mosquitto_passwd", ["-b", passwords, "ann", "broker-secret"], { stdio: "ignore" });
  const { key, cert } = tls ? certificateFor(folder, "IP:127.0.0.1") : { key: "", cert: "" };
  const port = tls ? 18_883 : 11_883;
  const lines = ["user root", `listener ${port} 127.0.0.1`, "allow_anonymous false", `password_file ${passwords}`];
  writeFileSync(configuration, [...lines, ...(tls ? [`certfile ${cert}`, `keyfile ${key}`] : [])].join("\n"));
  return {
    args: [
      "--target",
      `${tls ? "mqtts" : "mqtt"}://127.0.0.1:${port}`,
      "--start",
      `mosquitto -c '${configuration}'`,
      ...(tls ? ["--ca", cert] : []),
    ],
    environment: { MQTT_USER: "ann", MQTT_PASSWORD: "broker-secret" },
  };
}

/** Every server of somebody else that is tried: each has a dialect in scenarios/dialects. */
export const foreignServers: readonly ForeignServer[] = [
  { dialect: "ws-broadcast", scenario: "chat-100", receivers: usualClients - 1, overhead: frame },
  { dialect: "unix-socket", scenario: "chat-100", receivers: usualClients - 1, overhead: frame },
  { dialect: "ws-json", scenario: "chat-100", receivers: usualClients },
  // It answers once whatever it reads at once. Two messages of one client that come together would get one answer.
  {
    dialect: "tutorial-tcp",
    scenario: "echo",
    receivers: 1,
    overhead: { send: 0, delivery: 0 },
    clients: messages,
    inTurn: true,
  },
  {
    dialect: "tutorial-ws",
    scenario: "echo",
    receivers: 1,
    overhead: { send: frame.send, delivery: frame.delivery + "hello".length },
  },
  { dialect: "tutorial-socket.io", scenario: "chat-100", receivers: usualClients },
  { dialect: "tutorial-robot", scenario: "echo", receivers: 1 },
  {
    dialect: "socket.io-team",
    scenario: "chat-100",
    receivers: usualClients,
    prepare: () => ({ environment: { TEAM_TOKEN: "team-secret-123" } }),
  },
  { dialect: "api-polling", scenario: "chat-100", receivers: usualClients },
  { dialect: "api-sse", scenario: "chat-100", receivers: usualClients },
  {
    dialect: "ws-tls",
    scenario: "echo",
    receivers: 1,
    needs: openssl,
    prepare(folder) {
      const { key, cert } = certificateFor(folder, "DNS:chat.example.test");
      const start = `node '${join(dialectFolder, "servers/ws-tls.mjs")}' 8707 '${key}' '${cert}'`;
      return { args: ["--start", start, "--servername", "chat.example.test", "--ca", cert] };
    },
  },
  {
    dialect: "python-websockets",
    scenario: "chat-100",
    receivers: usualClients,
    overhead: frame,
    needs: { debian: "python3-websockets", command: ["python3", "-c", "import websockets"] },
  },
  {
    dialect: "mosquitto",
    title: "mosquitto, password",
    scenario: "chat-100",
    receivers: usualClients,
    overhead: { send: publish, delivery: publish },
    needs: broker,
    prepare: (folder) => prepareBroker(folder, false),
  },
  {
    dialect: "mosquitto",
    title: "mosquitto, password and TLS",
    scenario: "chat-100",
    receivers: usualClients,
    needs: broker,
    prepare: (folder) => prepareBroker(folder, true),
  },
];

const dialectFolder = join(projectFolder, "scenarios/dialects");
/** The system's own programs first: its Python has the packages of the system. */
const path = `/usr/bin:${process.env["PATH"]}`;

/** True if a server can be started here. */
export function isInstalled({ needs }: ForeignServer): boolean {
  if (!needs) return true;
  const [program, ...args] = needs.command;
  try {
    execFileSync(program!, args, { stdio: "ignore", env: { ...process.env, PATH: path } });
    return true;
  } catch (error) {
    // mosquitto_passwd prints its usage and ends with 1.
    return (error as { status?: number | null }).status === 1 && program === "mosquitto_passwd";
  }
}

/** The outcome of a trial: the row, and what differs from the right answer; empty where nothing does. */
export interface ForeignOutcome {
  row: Record<string, string>;
  expected: number;
  differences: string[];
  /** Everything that the trial printed. */
  output: string;
}

/** Runs a trial at a server with the bench, in an empty folder. Rejects where it gives no row. */
export async function runForeignServer(server: ForeignServer, folder: string): Promise<ForeignOutcome> {
  const { dialect, receivers, overhead, clients = usualClients } = server;
  const { args = [], environment = {} } = server.prepare?.(folder) ?? {};
  const out = join(folder, "rows.csv");
  const bench = fileURLToPath(new URL("../../bench.js", import.meta.url));
  const load = `--clients ${clients} --rate 40 --duration 2s --warmup 500ms --payload-bytes 64`.split(" ");
  const file = ["--dialect", join(dialectFolder, `${dialect}.yaml`)];
  const env = Object.entries({ ...environment, PATH: path }).map(([name, value]) => `${name}=${value}`);
  const command = ["env", ...env, process.execPath, bench, "--scenario", scenarioOf(server, folder)];
  command.push(...file, ...load, ...args);
  const { out: printed, err } = await runSubprocess([...command, "--out", out], folder, new AbortController().signal);
  const row = readRow(out);
  if (!row) throw new Error(err.trim() || printed.trim().split("\n").at(-1));
  const expected = messages * receivers;
  const right: Record<string, number> = { expected, delivered: expected, lost: 0, duplicated: 0, reordered: 0 };
  Object.assign(right, { corrupted: 0, unexpected: 0, clients_dropped: 0, clients_refused: 0 });
  if (overhead)
    Object.assign(right, { overhead_bytes_per_send: overhead.send, overhead_bytes_per_delivery: overhead.delivery });
  const different = Object.entries(right).filter(([name, value]) => Number(row[name]) !== value || row[name] === "");
  const differences = different.map(([name, value]) => `${name} is ${row[name] || "empty"} instead of ${value}`);
  if (row["error"]) differences.unshift(row["error"]);
  return { row, expected, differences, output: printed + err };
}

/** The scenario of a server: its name, or a file in `folder`. */
function scenarioOf({ scenario, inTurn }: ForeignServer, folder: string): string {
  if (!inTurn) return scenario;
  const file = join(folder, "in-turn.yaml");
  writeFileSync(file, `extends: ${scenario}\narrivals: even\n`);
  return file;
}

function readRow(file: string): Record<string, string> | undefined {
  try {
    return (parse(readFileSync(file), { columns: true }) as Record<string, string>[])[0];
  } catch {
    return undefined;
  }
}
