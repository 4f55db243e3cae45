import type { Traffic } from "../../scenarios/contract.ts";
import { transports } from "../../scenarios/transports.ts";
import { fileURLToPath } from "node:url";
import type { Generator } from "./generator.ts";
import { ab, artillery, autocannon, h2load, ownGenerator, tsung, wrk } from "./tools.ts";
import type { Transport } from "../../scenarios/transports/transport.ts";

/*
 * Which generators are compared, and how they differ.
 *
 * Equal load. The CPU time of a round trip depends on how often the generator wakes up: the same program needs twice
 * the CPU time per round trip at a low rate as at a high one, because it sleeps in between. So all tools of a group
 * have the same load: the same number of connections, each with one request in flight all the time (a closed loop). wrk
 * and ab can do nothing else. With --rate, all tools that can keep a rate keep it, our clients as in a trial's worker,
 * and the other tools are left out.
 *
 * HTTP. Every external tool and every bare socket polls one session of the short-poll server again and again. The
 * response is 200 with a batch of one message, 128 bytes of text, because no poll acknowledges the message. Our clients
 * poll the same server for the same batches, but every other round trip of theirs is a send: a POST of 128 bytes with
 * the response 204. A short poll may also be empty, with the response 204. The external tools send their own headers
 * (Host, and User-Agent or Accept), our clients only Host.
 *
 * Echo. 128 bytes of text each way. Our clients stamp every message, and check and record every response. The other
 * tools send the same frame again and again. Only Artillery reads the response: it compares it with what it sent.
 *
 * `net` is a bare socket with the usual `data` events. `net-onread` is the least that Node can do: it shows how much
 * cheaper a measuring client could become.
 *
 * Servers. Our HTTP and Socket.IO servers can respond to fewer requests than one core of clients can send. Then clients
 * wait, wake up for each response, and all cost more. So these groups are measured a second time, on servers that are
 * as cheap as Node allows.
 */

/** A generator in a group, and the server that it is measured against. */
export interface ComparedTool extends Generator {
  /** Transport whose server half responds to the generator: a name, or the path of a module. */
  serverTransport: string;
  /** Set where the server must have a message before the generator starts, so that each poll finds it. */
  needsSeedMessage?: true;
  /** Package or module of the client. Set only for our own clients: their failure is a defect of this project. */
  library?: string;
  /** Number of round trips in the server's counters. */
  roundTrips(traffic: Traffic): number;
  /**
   * The same in the unit that the generator counts. Our clients count messages, and a polling client makes two round
   * trips for each.
   */
  messagesCounted(traffic: Traffic): number;
}

/** Generators with the same task, against the same server half. */
export interface ToolGroup {
  title: string;
  /** Names of tools to compare with: the first one that was measured is the baseline. */
  baselines: readonly string[];
  /** Tools in the order in which they are measured. */
  tools: readonly ComparedTool[];
}

/** Responses to HTTP requests: polls and sends. */
const httpRoundTrips = ({ pollsAnswered, payloadsIn }: Traffic): number => pollsAnswered + payloadsIn;
const echoRoundTrips = ({ payloadsOut }: Traffic): number => payloadsOut;

const externalTool =
  (serverTransport: string, roundTrips: ComparedTool["roundTrips"]) =>
  (generator: Generator): ComparedTool => ({ ...generator, serverTransport, roundTrips, messagesCounted: roundTrips });

/**
 * Our own clients of these transports, each on the server of its transport unless `serverTransport` names another one.
 */
function ownTools(names: readonly string[], serverTransport?: string): ComparedTool[] {
  return names.flatMap((name) => {
    const { socketsPerClient, clientLibrary: library } = (transports as Record<string, Transport>)[name] ?? {};
    if (library === undefined) return [];
    return {
      ...ownGenerator(name, "own-client", name),
      serverTransport: serverTransport ?? name,
      library,
      roundTrips: socketsPerClient === 1 ? echoRoundTrips : httpRoundTrips,
      messagesCounted: echoRoundTrips,
    };
  });
}

const pollingTool =
  (serverTransport: string) =>
  (generator: Generator): ComparedTool => ({
    ...externalTool(serverTransport, httpRoundTrips)(generator),
    needsSeedMessage: true,
  });
const webSocketTool = externalTool("ws", echoRoundTrips);
const tcpTool = externalTool("tcp", echoRoundTrips);
const bareSockets = (protocol: "http" | "ws" | "tcp"): Generator[] => [
  ownGenerator("net", "bare-client", protocol, "data"),
  ownGenerator("net-onread", "bare-client", protocol, "onread"),
];
/** Path of a transport module in this folder, whose server is as cheap as Node allows. */
const modulePath = (module: "bare-poll" | "bare-long-poll" | "bare-socket-io"): string =>
  fileURLToPath(new URL(`./${module}.js`, import.meta.url));

/** All groups, one for each protocol and kind of server. */
export const toolGroups: readonly ToolGroup[] = [
  {
    title: "HTTP poll",
    baselines: ["wrk", "h2load"],
    tools: [
      ...[wrk, h2load, ab, ...bareSockets("http")].map(pollingTool("short-poll")),
      ...ownTools(["short-poll", "long-poll", "short-poll-library", "long-poll-library"]),
      ...[autocannon, tsung("http"), artillery("http")].map(pollingTool("short-poll")),
    ],
  },
  {
    title: "HTTP poll, on a bare server",
    baselines: ["wrk", "h2load"],
    tools: [
      ...[wrk, h2load, ab, ...bareSockets("http")].map(pollingTool(modulePath("bare-poll"))),
      ...ownTools(["short-poll", "short-poll-library"], modulePath("bare-poll")),
      ...ownTools(["long-poll", "long-poll-library"], modulePath("bare-long-poll")),
      ...[autocannon, tsung("http"), artillery("http")].map(pollingTool(modulePath("bare-poll"))),
    ],
  },
  {
    title: "WebSocket echo",
    baselines: ["net"],
    tools: [
      ...bareSockets("ws").map(webSocketTool),
      ...ownTools(["ws", "ws-library"]),
      ...[tsung("ws"), artillery("ws")].map(webSocketTool),
    ],
  },
  {
    title: "raw TCP echo",
    baselines: ["net"],
    tools: [...bareSockets("tcp").map(tcpTool), ...ownTools(["tcp", "tcp-library"]), tcpTool(tsung("tcp"))],
  },
  {
    title: "Socket.IO echo",
    baselines: ["socket.io-library", "socket.io"],
    tools: [
      ...ownTools(["socket.io-library", "socket.io"]),
      externalTool("socket.io", echoRoundTrips)(artillery("socket.io")),
    ],
  },
  {
    title: "Socket.IO echo, on a bare server",
    baselines: ["socket.io-library", "socket.io"],
    tools: [
      ...ownTools(["socket.io-library", "socket.io"], modulePath("bare-socket-io")),
      externalTool(modulePath("bare-socket-io"), echoRoundTrips)(artillery("socket.io")),
    ],
  },
];
