import type { Socket } from "node:net";
import { Aedes, type Client, type PublishPacket } from "aedes";
import type { App, Options, Server } from "../scenarios/contract.ts";
import { hostApplication, type ServerConnection } from "./lib/hosting/host.ts";
import { listen } from "./lib/hosting/listen.ts";
import { binarySuffix, maxMqttOverheadBytes, packetWatch, mqttTopics } from "./protocols/mqtt-topics.ts";
import { streamServer } from "./lib/hosting/tls.ts";

/** A name that a client has subscribed to. */
interface Subscriber {
  client: Client;
  socket: Socket;
  name: string;
  /** Granted with the subscription, so that the client chooses: 0 at most once, 1 at least once. */
  qos: 0 | 1 | 2;
  /** Whether its filter lets other topics than its own in. */
  wild: boolean;
  guest?: ServerConnection;
  /** Packets and bytes that the broker has not written yet. */
  waiting: { packets: number; bytes: number };
  closing: boolean;
}

/** What the broker grants where it refuses (MQTT 3.1.1, section 3.9.3). */
const refused = 0x80;

/**
 * MQTT 3.1.1 with the broker `aedes` in this process; topics as servers/protocols/mqtt-topics.ts says. The hub subscribes to what clients publish and
 * sends to each link on its own topic. A room does so link by link: the broker's own fan-out takes as much CPU, and would not
 * keep to who is in a room at that moment nor to the order of what else a link is sent. The heartbeat is the client's: the broker drops
 * who has said nothing for one and a half of the times it announced.
 */
export default async function serve(app: App, options: Options): Promise<Server> {
  const subscribers = new Map<string, Subscriber>();
  const names = new Map<Client, readonly string[]>();
  const broker = await Aedes.createBroker({
    // A message waits for nobody else: without this, a slow subscriber holds up the broker after 100 of its own.
    concurrency: 0,
    connectTimeout: options.handshakeMs,
    preConnect: (_client, { clean }, done) =>
      done(clean ? null : new Error("no session may outlive its connection here"), clean === true),
    authorizePublish: (_client, { topic, retain }, done) =>
      done(!retain && mqttTopics.in.test(topic) ? null : new Error(`nobody may publish "${topic}" here`)),
    authorizeSubscribe(_client, subscription, done) {
      const name = mqttTopics.out.exec(subscription.topic)?.[1];
      done(null, name !== undefined && !subscribers.has(name) ? subscription : null);
    },
  });

  const { counts, join, closeAll } = hostApplication<Subscriber, Pick<PublishPacket, "payload"> & { suffix: string }>(
    app,
    {
      encode: (payload, text) => ({ payload, suffix: text ? "" : binarySuffix }),
      push(subscriber, { payload, suffix }) {
        const { client, name, qos, wild, waiting, closing } = subscriber;
        if (closing || client.closed) return false;
        waiting.packets++;
        waiting.bytes += payload.length;
        const packet: PublishPacket = {
          cmd: "publish",
          topic: `out/${name}${wild ? suffix : ""}`,
          payload,
          qos,
          retain: false,
          dup: false,
        };
        client.publish(packet, () => {
          waiting.packets--;
          waiting.bytes -= payload.length;
          endIfDone(subscriber);
        });
        return true;
      },
      queuedBytes: ({ waiting }) => waiting.bytes,
      close(subscriber) {
        subscriber.closing = true;
        endIfDone(subscriber);
      },
      drop: ({ socket }) => socket.destroy(),
    },
    options,
  );

  /** A broker's only goodbye is to end the connection. */
  function endIfDone({ closing, waiting, socket }: Subscriber): void {
    if (closing && waiting.packets === 0) socket.end();
  }

  function enter(subscriber: Subscriber): void {
    const { name, client } = subscriber;
    subscribers.set(name, subscriber);
    names.set(client, [...(names.get(client) ?? []), name]);
    subscriber.guest = join(subscriber);
  }

  function leave(name: string): void {
    const connection = subscribers.get(name)?.guest;
    subscribers.delete(name);
    connection?.leave();
  }

  broker.on("subscribe", (subscriptions, client) => {
    for (const { topic, qos } of subscriptions) {
      const [, name, wild] = mqttTopics.out.exec(topic) ?? [];
      if (name === undefined || (qos as number) === refused) continue;
      const socket = client.conn as Socket;
      if (subscribers.has(name)) socket.destroy(); // granted to two at the same time
      else
        enter({
          client,
          socket,
          name,
          qos,
          wild: wild !== undefined,
          waiting: { packets: 0, bytes: 0 },
          closing: false,
        });
    }
  });
  broker.on("unsubscribe", (filters, client) => {
    const theirs = names.get(client) ?? [];
    const given = theirs.filter((name) => filters.some((filter) => mqttTopics.out.exec(filter)?.[1] === name));
    names.set(
      client,
      theirs.filter((name) => !given.includes(name)),
    );
    for (const name of given) leave(name);
  });
  broker.on("clientDisconnect", (client) => {
    for (const name of names.get(client) ?? []) leave(name);
    names.delete(client);
  });
  broker.subscribe(
    "in/#",
    ({ topic, payload }, done) => {
      const [, name = "", binary] = mqttTopics.in.exec(topic) ?? [];
      subscribers.get(name)?.guest?.receive(payload as Buffer, binary === undefined);
      done();
    },
    () => undefined,
  );

  const server = streamServer(options, {}, (socket) => {
    broker.handle(socket);
    // The broker reads when it likes; whatever it reads is told here as well.
    socket.on(
      "data",
      packetWatch(options.maxPayloadBytes + maxMqttOverheadBytes, () => socket.destroy()),
    );
  });
  const listener = await listen(server, options);
  return {
    addresses: listener.addresses,
    traffic: () => ({ wire: listener.wireBytes(), ...counts }),
    async close() {
      closeAll();
      await listener.close();
      await new Promise<void>((resolve) => broker.close(resolve));
    },
  };
}
