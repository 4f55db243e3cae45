import type { Traffic, Transport } from "../contract.ts";
import { transports } from "../transports.ts";
import { fileURLToPath } from "node:url";
import type { Generator } from "./generator.ts";
import { ab, artillery, autocannon, h2load, own, tsung, wrk } from "./tools.ts";

/*
 * What is compared, and what differs.
 *
 * What a round trip costs a generator depends on how often it is woken for it: the same program needs twice the CPU time per round trip
 * at a low rate that it needs at a high one, because it sleeps in between. So all of a group are under the same pressure: as many
 * connections, each with one request on its way, all the time (a closed loop). It is the only thing that wrk and ab can do. Where a rate
 * is given, all that can keep one keep to it, ours as a trial's worker does, and the others are left out.
 *
 * HTTP: every tool asks one session of the short-poll server again and again, and is answered 200 with a batch of one message, 128 bytes
 * of text, because nobody acknowledges it. Ours ask the same server code for just such batches, but every other round trip of theirs is
 * a send: a POST of 128 bytes, answered 204. A short poll also asks in vain, and is answered 204. The tools send headers of their own (Host,
 * and User-Agent or Accept), ours Host only.
 *
 * Echoes: 128 bytes of text each way. Ours stamps every message, and checks and records every answer; the others send the same frame again
 * and again, and none but Artillery reads the answer: it compares it with what it sent.
 *
 * Socket.IO: its server answers fewer messages than a core's worth of client can say. Whatever plays the client then waits for each answer,
 * and most of its time goes into being woken. So all are measured a second time, on a server that is not the limit.
 */

/** A generator in a group: what it is measured against, and how. */
export interface Peer extends Generator {
  /** The transport whose server half answers it. */
  hosts: string;
  /** Of ours: the package or module that plays the client. Its failure is a defect of this project. */
  library?: string;
  /** How many round trips the server has seen, in what it counts. */
  roundTrips(traffic: Traffic): number;
  /** The same in what the generator counts: ours counts messages, of which a polling client makes two round trips. */
  told(traffic: Traffic): number;
}

/** Generators that do the same, against the same server half. */
export interface Group {
  title: string;
  /** What the others are compared with: the first of these that was measured. */
  baselines: readonly string[];
  /** In the order in which they take turns. */
  peers: readonly Peer[];
}

/** Answers to HTTP requests, asks and sends. */
const exchanges = ({ exchanges: asks, payloadsIn }: Traffic): number => asks + payloadsIn;
const echoes = ({ payloadsOut }: Traffic): number => payloadsOut;

const foreign =
  (hosts: string, roundTrips: Peer["roundTrips"]) =>
  (generator: Generator): Peer => ({ ...generator, hosts, roundTrips, told: roundTrips });

/** Those of our clients that are on the list of transports, each on its own server unless another `hosts`. */
function ours(names: readonly string[], hosts?: string): Peer[] {
  return names.flatMap((name) => {
    const { socketsPerClient, clientLibrary: library } = (transports as Record<string, Transport>)[name] ?? {};
    if (library === undefined) return [];
    const roundTrips = socketsPerClient === 1 ? echoes : exchanges;
    return { ...own(name, "ours", name), hosts: hosts ?? name, library, roundTrips, told: echoes };
  });
}

const asks = foreign("short-poll", exchanges);
const frames = foreign("ws", echoes);
const records = foreign("tcp", echoes);
const bareSocketIo = fileURLToPath(new URL("./bare-socket-io.js", import.meta.url));

/** Who is measured against whom, by what is spoken. */
export const groups: readonly Group[] = [
  {
    title: "HTTP poll",
    baselines: ["wrk", "h2load"],
    peers: [
      ...[wrk, h2load, ab].map(asks),
      ...ours(["short-poll", "long-poll", "short-poll-library", "long-poll-library"]),
      ...[autocannon, tsung("http"), artillery("http")].map(asks),
    ],
  },
  {
    title: "WebSocket echo",
    baselines: ["net"],
    peers: [
      frames(own("net", "bare", "ws")),
      ...ours(["ws", "ws-library"]),
      ...[tsung("ws"), artillery("ws")].map(frames),
    ],
  },
  {
    title: "raw TCP echo",
    baselines: ["net"],
    peers: [records(own("net", "bare", "tcp")), ...ours(["tcp", "tcp-library"]), records(tsung("tcp"))],
  },
  ...[undefined, bareSocketIo].map((hosts) => ({
    title: hosts ? "Socket.IO echo, on a bare server" : "Socket.IO echo",
    baselines: ["socket.io-library", "socket.io"],
    peers: [
      ...ours(["socket.io-library", "socket.io"], hosts),
      foreign(hosts ?? "socket.io", echoes)(artillery("socket.io")),
    ],
  })),
];
