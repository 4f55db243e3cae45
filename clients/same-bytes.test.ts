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

/** Each variant that only has another client, and the transport that it is a variant of. */
const pairs = list.flatMap(([name, { variantOf, clientLibrary, socketsPerClient, options }]) => {
  const other = list.find(([each]) => each === variantOf)?.[1];
  const onlyClient = other?.clientLibrary !== clientLibrary && isDeepStrictEqual(other?.options, options);
  return variantOf !== undefined && onlyClient && socketsPerClient === 1 ? [[variantOf, name] as const] : [];
});

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
});

/** A relay in front of a server that keeps what clients say. */
async function recorder(to: Address): Promise<{ address: Address; heard(): Buffer; over(): boolean }> {
  const received: Buffer[] = [];
  let over = false;
  const sockets: Socket[] = [];
  const relay: Server = createServer((client) => {
    const server = connect(to);
    for (const socket of [client, server]) sockets.push(socket.on("error", () => undefined).setNoDelay(true));
    client.on("data", (chunk) => void received.push(chunk)).on("close", () => (over = true));
    client.pipe(server).pipe(client);
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  undo.push(() => {
    relay.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    address: { host: "127.0.0.1", port: (relay.address() as AddressInfo).port },
    heard: () => Buffer.concat(received),
    over: () => over,
  };
}

/** What a client said in its whole life: `act` is what happens while it is there. */
async function said(
  name: string,
  options: Partial<Options>,
  act: (host: TestServer, client: TestClient) => Promise<void>,
) {
  const kit = new Kit(name, transports[name as keyof typeof transports]);
  undo.push(() => kit.tidy());
  const host = await kit.echo(options);
  const { address, heard: received, over } = await recorder(host.addresses[0]!);
  const client = await kit.connect(address, options);
  await act(host, client);
  await until(() => client.ended.length > 0 && host.left.length > 0, "both sides have left");
  await until(over, "the last byte has passed"); // a library may tell of the end before it has said its goodbye
  return plain(received(), address);
}

/** A request or a stream of records as it is, or a frame. */
type Saying = string | RawFrame;

/** Bytes that may be compared: without masks, the key and the port. */
function plain(stream: Buffer, { port }: Address): Saying[] {
  const text = stream.toString("latin1");
  if (!text.startsWith("GET ")) return [stream.toString("hex")];
  const request = text.slice(0, text.indexOf("\r\n\r\n") + 4);
  const key = /^Sec-WebSocket-Key: ([\w+/]{22}==)\r$/m.exec(request)![1]!;
  return [request.replace(key, "KEY").replace(`:${port}\r\n`, ":PORT\r\n"), ...framesOf(stream)];
}

const bounds = [0, 1, 92, 125, 126, 65_535, 65_536];
const awkward = [
  '"quoted"',
  "C:\\temp",
  "déjà vu ☕ 🛰️",
  "\r\n\t\b\f\0\u0001\u001f\u007f",
  "\u2028\u2029</script>",
  "\ud7ff\ue000",
];

/** Texts and bytes around every bound of a frame's length, and what some encoding has to escape. */
const messages: [payload: Buffer, text: boolean][] = [
  ...bounds.flatMap((length): [Buffer, boolean][] => [
    [Buffer.alloc(length, "chat "), true],
    [Buffer.alloc(length, Buffer.from([0, 255, 128, 34])), false],
  ]),
  ...awkward.map((text): [Buffer, boolean] => [Buffer.from(text), true]),
];

/** Sends all the messages, waits for their echoes and says goodbye. */
async function converse(_host: TestServer, client: TestClient): Promise<void> {
  for (const message of messages) client.send(...message);
  await until(() => client.received.length === messages.length, "everything has come back");
  client.close();
}

/** Closes the client's link as soon as it is there. */
async function sendAway({ joined }: TestServer): Promise<void> {
  await until(() => joined.length > 0, "the hub knows of the client");
  joined[0]!.close();
}

const lively = { heartbeatMs: 100 };

/** Waits for a heartbeat, then closes the client's link. */
async function beat(host: TestServer): Promise<void> {
  const before = (await waitForIdleWire(host)).wire.duplex.in;
  await until(() => host.traffic()!.wire.duplex.in > before, "a heartbeat has been answered");
  await sendAway(host);
}

const withoutRepeats = (all: Saying[]): Saying[] => all.filter((each, i) => !isDeepStrictEqual(each, all[i - 1]));

describe.each(pairs)("%s and %s say the same", (lean, library) => {
  it("in a conversation with every kind of message, from the handshake to the goodbye", async () => {
    expect(await said(lean, {}, converse)).toEqual(await said(library, {}, converse));
  });

  it("when the server says goodbye", async () => {
    expect(await said(lean, {}, sendAway)).toEqual(await said(library, {}, sendAway));
  });
});

describe.each(pairs.filter(([name]) => formulaOf(name).idle))("%s and %s say the same", (lean, library) => {
  it("when the server asks whether they are there, however often", async () => {
    const [one, other] = [await said(lean, lively, beat), await said(library, lively, beat)];
    expect(withoutRepeats(one)).toEqual(withoutRepeats(other));
    expect(withoutRepeats(one).length).toBeGreaterThan(2);
  });
});

it("compares a lean client with a library's for every transport that has both", () => {
  expect(pairs).toEqual(
    expect.arrayContaining([
      ["tcp", "tcp-library"],
      ["ws", "ws-library"],
    ]),
  );
});
