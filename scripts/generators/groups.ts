import type { Traffic } from "../../scenarios/contract.ts";
import { transports } from "../../scenarios/transports.ts";
import { fileURLToPath } from "node:url";
import type { Generator } from "./generator.ts";
import { ab, artillery, autocannon, h2load, own, tsung, wrk } from "./tools.ts";
import type { Transport } from "../../scenarios/transports/transport.ts";

/*
 * What is compared, and what differs.
 *
 * What a round trip costs a generator depends on how often it is woken for it: the same program needs twice the CPU time per round trip
 * at a low rate that it needs at a high one, because it sleeps in between. So all of a group are under the same pressure: as many
 * connections, each with one request on its way, all the time (a closed loop). It is the only thing that wrk and ab can do. Where a rate
 * is given, all that can keep one keep to it, ours as a trial's worker does, and the others are left out.
 *
 * HTTP: every tool, and every bare socket, asks one session of the short-poll server again and again, and is answered 200 with a batch of
 * one message, 128 bytes of text, because nobody acknowledges it. Ours ask the same server code for just such batches, but every other
 * round trip of theirs is a send: a POST of 128 bytes, answered 204. A short poll also asks in vain, and is answered 204. The tools send
 * headers of their own (Host, and User-Agent or Accept), ours Host only.
 *
 * Echoes: 128 bytes of text each way. Ours stamps every message, and checks and records every answer; the others send the same frame again
 * and again, and none but Artillery reads the answer: it compares it with what it sent.
 *
 * `net` is a bare socket as it is commonly read, `net-onread` the least that Node can do: how far a client that measures may still come down.
 *
 * Servers: those of HTTP and of Socket.IO answer less than a core of clients can ask, and a client that waits is woken for every answer,
 * which costs all of them alike, and most. So these are measured a second time, on servers that are as cheap as Node allows.
 */

/** A generator in a group: what it is measured against, and how. */
export interface ComparedTool extends Generator {
  /** The transport whose server half answers it. */
  hosts: string;
  /** Set where a message has to be put there for it to ask for. */
  visits?: true;
  /** Of ours: the package or module that plays the client. Its failure is a defect of this project. */
  library?: string;
  /** How many round trips the server has seen, in what it counts. */
  roundTrips(traffic: Traffic): number;
  /** The same in what the generator counts: ours counts messages, of which a polling client makes two round trips. */
  messagesCounted(traffic: Traffic): number;
}

/** Generators that do the same, against the same server half. */
export interface ToolGroup {
  title: string;
  /** What the others are compared with: the first of these that was measured. */
  baselines: readonly string[];
  /** In the order in which they take turns. */
  tools: readonly ComparedTool[];
}

/** Answers to HTTP requests, asks and sends. */
const exchanges = ({ pollsAnswered: asks, payloadsIn }: Traffic): number => asks + payloadsIn;
const echoes = ({ payloadsOut }: Traffic): number => payloadsOut;

const foreign =
  (hosts: string, roundTrips: ComparedTool["roundTrips"]) =>
  (generator: Generator): ComparedTool => ({ ...generator, hosts, roundTrips, messagesCounted: roundTrips });

/** Those of our clients that are on the list of transports, each on its own server unless another `hosts`. */
function ours(names: readonly string[], hosts?: string): ComparedTool[] {
  return names.flatMap((name) => {
    const { socketsPerClient, clientLibrary: library } = (transports as Record<string, Transport>)[name] ?? {};
    if (library === undefined) return [];
    const roundTrips = socketsPerClient === 1 ? echoes : exchanges;
    return { ...own(name, "ours", name), hosts: hosts ?? name, library, roundTrips, messagesCounted: echoes };
  });
}

const asks =
  (hosts: string) =>
  (generator: Generator): ComparedTool => ({ ...foreign(hosts, exchanges)(generator), visits: true });
const frames = foreign("ws", echoes);
const records = foreign("tcp", echoes);
const bareSockets = (protocol: "http" | "ws" | "tcp"): Generator[] => [
  own("net", "bare", protocol, "data"),
  own("net-onread", "bare", protocol, "onread"),
];
/** A server of this folder, which is a transport's module. */
const bare = (module: string): string => fileURLToPath(new URL(`./${module}.js`, import.meta.url));

/** Who is measured against whom, by what is spoken. */
export const toolGroups: readonly ToolGroup[] = [
  {
    title: "HTTP poll",
    baselines: ["wrk", "h2load"],
    tools: [
      ...[wrk, h2load, ab, ...bareSockets("http")].map(asks("short-poll")),
      ...ours(["short-poll", "long-poll", "short-poll-library", "long-poll-library"]),
      ...[autocannon, tsung("http"), artillery("http")].map(asks("short-poll")),
    ],
  },
  {
    title: "HTTP poll, on a bare server",
    baselines: ["wrk", "h2load"],
    tools: [
      ...[wrk, h2load, ab, ...bareSockets("http")].map(asks(bare("bare-poll"))),
      ...ours(["short-poll", "short-poll-library"], bare("bare-poll")),
      ...ours(["long-poll", "long-poll-library"], bare("bare-long-poll")),
      ...[autocannon, tsung("http"), artillery("http")].map(asks(bare("bare-poll"))),
    ],
  },
  {
    title: "WebSocket echo",
    baselines: ["net"],
    tools: [
      ...bareSockets("ws").map(frames),
      ...ours(["ws", "ws-library"]),
      ...[tsung("ws"), artillery("ws")].map(frames),
    ],
  },
  {
    title: "raw TCP echo",
    baselines: ["net"],
    tools: [...bareSockets("tcp").map(records), ...ours(["tcp", "tcp-library"]), records(tsung("tcp"))],
  },
  {
    title: "Socket.IO echo",
    baselines: ["socket.io-library", "socket.io"],
    tools: [...ours(["socket.io-library", "socket.io"]), foreign("socket.io", echoes)(artillery("socket.io"))],
  },
  {
    title: "Socket.IO echo, on a bare server",
    baselines: ["socket.io-library", "socket.io"],
    tools: [
      ...ours(["socket.io-library", "socket.io"], bare("bare-socket-io")),
      foreign(bare("bare-socket-io"), echoes)(artillery("socket.io")),
    ],
  },
];
