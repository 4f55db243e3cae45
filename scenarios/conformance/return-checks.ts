import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Address, Options } from "../contract.ts";
import { until } from "../lib/until.ts";
import type { Check } from "./check.ts";
import type { Relay } from "./relay.ts";
import { assertClosedOnce, texts, type Kit, type TestClient, type TestServer } from "./test-kit.ts";

/** A client that is back after some 10 ms. */
const soon: Partial<Options> = { reconnect: { minMs: 10, maxMs: 20 } };

/** The relay resets TCP connections. Nothing else here can break a link. */
const isOverTcp: Check["appliesTo"] = (_guarantees, { overTcp = true }) => overTcp;

/** A client that comes back, behind a relay. */
async function connectBreakable(kit: Kit, server: TestServer): Promise<{ relay: Relay; client: TestClient }> {
  const relay = await kit.relay(server.addresses[0] as Address);
  const client = await kit.connect(relay.address, soon);
  client.send(Buffer.from("before"), true);
  await until(() => client.received.length > 0, "the client has its echo");
  return { relay, client };
}

/** Messages of a client until one was echoed. What it sends while it has no connection is lost. */
async function echoAgain({ send, received }: TestClient, what: string): Promise<void> {
  let attempts = 0;
  const isAnswered = (): boolean => received.some(({ payload }) => payload.toString().startsWith(what));
  await until(
    () => {
      if (attempts % 10 === 0) send(Buffer.from(`${what} ${attempts / 10}`), true);
      attempts++;
      return isAnswered();
    },
    () => `the client has an echo after its connection was reset; it sent ${Math.ceil(attempts / 10)} messages`,
  );
}

/** Throws unless each loss was followed by one return. */
function assertBackAfterEachLoss({ breaks }: TestClient): void {
  const isFair = breaks.length % 2 === 0 && breaks.every((each, i) => (each === "lost") === (i % 2 === 0));
  assert.ok(isFair, `lost() and back() must take turns, but the client's handler was told: ${breaks.join(", ")}`);
}

/** Messages that the application sends while the connection is reset, and the ones after which it is. */
const [pushes, resetsAfter] = [80, [20, 40]];

/** The application's messages to its newest client, while the relay resets the connection twice. */
async function pushThroughResets({ joined }: TestServer, relay: Relay): Promise<string[]> {
  const sent: string[] = [];
  for (let i = 0; i < pushes; i++) {
    sent.push(`push ${i}`);
    joined.at(-1)!.send(Buffer.from(sent.at(-1)!), true);
    if (resetsAfter.includes(i)) relay.reset!();
    await delay(2); // some are sent while the client has no connection
  }
  return sent;
}

/** Everything that a handler was told. */
const callsOf = ({ received, ended, breaks }: TestClient): number[] => [received.length, ended.length, breaks.length];

/** Checks of clients that come back (`Options.reconnect`), by their library or by the harness. */
export const returnChecks: Check[] = [
  {
    id: "comes-back",
    description: "brings a client whose connection was reset back, and it sends and receives again",
    appliesTo: isOverTcp,
    async run(kit) {
      const { relay, client } = await connectBreakable(kit, await kit.echo());
      for (const time of ["once", "twice"]) {
        relay.reset!();
        await echoAgain(client, time);
      }
      assertBackAfterEachLoss(client);
      assert.equal(client.ended.length, 0, "closed() was called, but the client was back");
    },
  },
  {
    id: "returns-exactly",
    description: "gives a client that comes back nothing twice, and all of it if the transport says that it resumes",
    appliesTo: (guarantees, transport) => isOverTcp(guarantees, transport) && guarantees.apps === undefined,
    async run(kit) {
      const server = await kit.echo();
      const { relay, client } = await connectBreakable(kit, server);
      const sent = await pushThroughResets(server, relay);
      await echoAgain(client, "after");
      const pushed = texts(client).filter((text) => text.startsWith("push"));
      if (kit.guarantees.ordered === false) pushed.sort((one, other) => sent.indexOf(one) - sent.indexOf(other));
      const once = sent.filter((text) => pushed.includes(text));
      assert.deepEqual(pushed, once, "a client that came back has got a message twice, or in another order");
      if (client.breaks.includes("back, anew")) return; // the server has a new connection, and had nobody to send to
      assert.deepEqual(pushed, sent, "a session that resumes has missed a message");
      const { joined, left } = server;
      assert.deepEqual([joined.length, left.length], [1, 0], "a session that resumes has left or joined again");
    },
  },
  {
    id: "close-while-away",
    description: "calls closed() once if the client closes its connection while it is about to come back",
    appliesTo: isOverTcp,
    async run(kit) {
      const { relay, client } = await connectBreakable(kit, await kit.echo());
      relay.close();
      await until(() => client.breaks.length > 0, "the client has lost its connection");
      client.close();
      client.close();
      await until(() => client.ended.length > 0, "closed() was called");
      const calls = callsOf(client);
      await kit.exchangeElsewhere();
      assertClosedOnce(client);
      assert.deepEqual(callsOf(client), calls, "the client's handler was called after closed()");
      assert.deepEqual(client.breaks, ["lost"], "the client was back, but nobody listens");
    },
  },
  {
    id: "silent-after-close",
    description: "calls nothing after closed(), and does not bring a client back that has closed its connection",
    appliesTo: isOverTcp,
    async run(kit) {
      const server = await kit.echo();
      const { relay, client } = await connectBreakable(kit, server);
      client.close();
      await until(() => client.ended.length > 0, "closed() was called");
      assert.deepEqual(client.breaks, [], "the client closed its connection, and lost() was called");
      const [calls, joins] = [callsOf(client), server.joined.length];
      for (const connection of server.joined) connection.send(Buffer.from("late"), true);
      relay.reset!();
      await kit.exchangeElsewhere();
      assertClosedOnce(client);
      assert.deepEqual(callsOf(client), calls, "the client's handler was called after closed()");
      // A last request may have a connection of its own, such as the one with which Socket.IO closes a polling session.
      assert.equal(server.joined.length, joins, "the client has joined again after closed()");
    },
  },
];
