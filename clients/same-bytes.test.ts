import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { Kit, type TestClient, type TestServer } from "../scenarios/conformance/test-kit.ts";
import type { Address, Options } from "../scenarios/contract.ts";
import { transports } from "../scenarios/transports.ts";
import { formulaOf } from "../scripts/wire-bytes/formulas.ts";
import { waitForIdleWire } from "../scripts/wire-bytes/send-one.ts";
import { framesOf, type RawFrame } from "./lib/testing/raw-websocket-server.ts";
import type { Transport } from "../scenarios/transports/transport.ts";
import { until } from "../scenarios/lib/until.ts";

const list = Object.entries<Transport>(transports);

/** Each transport with its variant that differs in the client only. A browser adds headers of its own. */
const pairs = list.flatMap(([name, { variantOf, clientLibrary, socketsPerClient, options, clientsPerPage }]) => {
  if (clientsPerPage !== undefined) return [];
  const other = list.find(([each]) => each === variantOf)?.[1];
  const differsInClientOnly = other?.clientLibrary !== clientLibrary && isDeepStrictEqual(other?.options, options);
  return variantOf !== undefined && differsInClientOnly && socketsPerClient === 1 ? [[variantOf, name] as const] : [];
});

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0).toReversed()) await each();
});

/** A relay in front of a server that records the bytes from clients. */
async function openRecorder(to: Address): Promise<{ address: Address; received(): Buffer; closed(): boolean }> {
  const received: Buffer[] = [];
  let closed = false;
  const sockets: Socket[] = [];
  const relay: Server = createServer((client) => {
    const server = connect(to);
    for (const socket of [client, server]) sockets.push(socket.on("error", () => undefined).setNoDelay(true));
    client.on("data", (chunk) => void received.push(chunk)).on("close", () => (closed = true));
    client.pipe(server).pipe(client);
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  cleanUp.push(() => {
    relay.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    address: { host: "127.0.0.1", port: (relay.address() as AddressInfo).port },
    received: () => Buffer.concat(received),
    closed: () => closed,
  };
}

/** Everything that a client sends from its connect to its end. `act` runs while it is connected. */
async function sentBy(
  name: string,
  options: Partial<Options>,
  act: (host: TestServer, client: TestClient) => Promise<void>,
) {
  const kit = new Kit(name, transports[name as keyof typeof transports]);
  cleanUp.push(() => kit.tidy());
  const host = await kit.echo(options);
  const { address, received, closed } = await openRecorder(host.addresses[0]!);
  const client = await kit.connect(address, options);
  await act(host, client);
  await until(() => client.ended.length > 0 && host.left.length > 0, "both sides have left");
  await until(closed, "the last byte has passed"); // a library may call closed() before it sends its close frame
  return comparable(received(), address);
}

/** A request or a stream of records, or a frame. */
type Sent = string | RawFrame;

/** The bytes of a client without what differs each time: masks, the key and the port. */
function comparable(stream: Buffer, { port }: Address): Sent[] {
  const text = stream.toString("latin1");
  if (!text.startsWith("GET ")) return [stream.toString("hex")];
  const request = text.slice(0, text.indexOf("\r\n\r\n") + 4);
  const key = /^Sec-WebSocket-Key: ([\w+/]{22}==)\r$/m.exec(request)![1]!;
  return [request.replace(key, "KEY").replace(`:${port}\r\n`, ":PORT\r\n"), ...framesOf(stream)];
}

const boundaryLengths = [0, 1, 92, 125, 126, 65_535, 65_536];
const textsToEscape = [
  '"quoted"',
  "C:\\temp",
  "déjà vu ☕ 🛰️",
  "\r\n\t\b\f\0\u0001\u001f\u007f",
  "\u2028\u2029</script>",
  "\ud7ff\ue000",
];

/** Text and binary at every boundary of a frame's length, and texts that some encoding escapes. */
const messages: [payload: Buffer, text: boolean][] = [
  ...boundaryLengths.flatMap((length): [Buffer, boolean][] => [
    [Buffer.alloc(length, "chat "), true],
    [Buffer.alloc(length, Buffer.from([0, 255, 128, 34])), false],
  ]),
  ...textsToEscape.map((text): [Buffer, boolean] => [Buffer.from(text), true]),
];

/** Sends all messages, waits for their echoes and closes. */
async function exchangeMessages(_host: TestServer, client: TestClient): Promise<void> {
  for (const message of messages) client.send(...message);
  await until(() => client.received.length === messages.length, "all echoes have arrived");
  client.close();
}

/** Closes the client's connection on the server as soon as the client has joined. */
async function closeFromServer({ joined }: TestServer): Promise<void> {
  await until(() => joined.length > 0, "the client has joined");
  joined[0]!.close();
}

const fastHeartbeat = { heartbeatMs: 100 };

/** Waits for a heartbeat, then closes the client's connection on the server. */
async function waitForHeartbeat(host: TestServer): Promise<void> {
  const before = (await waitForIdleWire(host)).wire.duplex.in;
  await until(() => host.traffic()!.wire.duplex.in > before, "a heartbeat has been answered");
  await closeFromServer(host);
}

const withoutRepeats = (all: Sent[]): Sent[] => all.filter((each, i) => !isDeepStrictEqual(each, all[i - 1]));

describe.each(pairs)("%s and %s send the same bytes", (lean, library) => {
  it("from the handshake to the close, with every kind of message", async () => {
    expect(await sentBy(lean, {}, exchangeMessages)).toEqual(await sentBy(library, {}, exchangeMessages));
  });

  it("when the server closes the connection", async () => {
    expect(await sentBy(lean, {}, closeFromServer)).toEqual(await sentBy(library, {}, closeFromServer));
  });
});

describe.each(pairs.filter(([name]) => formulaOf(name).idle))("%s and %s send the same bytes", (lean, library) => {
  it("when the server sends heartbeats", async () => {
    const [ours, theirs] = [
      await sentBy(lean, fastHeartbeat, waitForHeartbeat),
      await sentBy(library, fastHeartbeat, waitForHeartbeat),
    ];
    expect(withoutRepeats(ours)).toEqual(withoutRepeats(theirs));
    expect(withoutRepeats(ours).length).toBeGreaterThan(2);
  });
});

it("finds the pairs of a lean and a library client in the list of transports", () => {
  expect(pairs).toEqual(
    expect.arrayContaining([
      ["tcp", "tcp-library"],
      ["ws", "ws-library"],
    ]),
  );
});
