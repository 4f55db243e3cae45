import type { Socket } from "node:net";
import { Aedes, type PublishPacket } from "aedes";
import type { App, Options, Server } from "../scenarios/contract.ts";
import { hostApplication } from "./lib/hosting/host.ts";
import { listen } from "./lib/hosting/listen.ts";
import { reportRefusal } from "./lib/hosting/refusal-log.ts";
import { streamServer } from "./lib/hosting/tls.ts";
import { authorisation, Subscribers, type Subscriber } from "./lib/mqtt/subscribers.ts";
import { binarySuffix, maxMqttOverheadBytes, packetWatch, mqttTopics } from "./protocols/mqtt-topics.ts";

/** Return code of a subscription that the broker refuses (MQTT 3.1.1, section 3.9.3). */
const refused = 0x80;

/**
 * MQTT 3.1.1 with the broker `aedes` in this process; servers/protocols/mqtt-topics.ts describes the topics. The
 * application subscribes to what clients publish and sends to each client on the client's own topic.
 *
 * A room sends to its members one by one. The broker's own fan-out takes as much CPU, and it would follow neither the
 * members at that moment nor the order of other messages to a member. The heartbeat is the client's: the broker drops a
 * client that was silent for one and a half of its keep-alive periods.
 */
export default async function serve(app: App, options: Options): Promise<Server> {
  const subscribers = new Subscribers();
  const broker = await Aedes.createBroker({
    // No limit: otherwise a slow subscriber stops the whole broker after 100 of its own messages.
    concurrency: 0,
    connectTimeout: options.handshakeMs,
    ...authorisation(subscribers),
  });

  const { counts, join, closeAll } = hostApplication<Subscriber, Pick<PublishPacket, "payload"> & { suffix: string }>(
    app,
    {
      encode: (payload, text) => ({ payload, suffix: text ? "" : binarySuffix }),
      push(subscriber, { payload, suffix }) {
        const { client, name, qos, wildcard, queued, closing } = subscriber;
        if (closing || client.closed) return false;
        queued.packets++;
        queued.bytes += payload.length;
        const packet: PublishPacket = {
          cmd: "publish",
          topic: `out/${name}${wildcard ? suffix : ""}`,
          payload,
          qos,
          retain: false,
          dup: false,
        };
        client.publish(packet, () => {
          queued.packets--;
          queued.bytes -= payload.length;
          endIfDone(subscriber);
        });
        return true;
      },
      queuedBytes: ({ queued }) => queued.bytes,
      close(subscriber) {
        subscriber.closing = true;
        endIfDone(subscriber);
      },
      drop: ({ socket }) => socket.destroy(),
    },
    options,
  );

  /** Ends the connection, which is the only way for a broker to close it. */
  function endIfDone({ closing, queued, socket }: Subscriber): void {
    if (closing && queued.packets === 0) socket.end();
  }

  broker.on("subscribe", (subscriptions, client) => {
    for (const { topic, qos } of subscriptions) {
      const [, name, wildcard] = mqttTopics.out.exec(topic) ?? [];
      if (name === undefined || (qos as number) === refused) continue;
      const socket = client.conn as Socket;
      if (subscribers.get(name)) {
        socket.destroy(); // two clients were granted the same name at the same time
        continue;
      }
      const queued = { packets: 0, bytes: 0 };
      const subscriber: Subscriber = {
        client,
        socket,
        name,
        qos,
        wildcard: wildcard !== undefined,
        queued,
        closing: false,
      };
      subscribers.add(subscriber);
      subscriber.connection = join(subscriber);
    }
  });
  broker.on("unsubscribe", (filters, client) => subscribers.unsubscribe(client, filters));
  broker.on("clientDisconnect", (client) => subscribers.disconnect(client));
  broker.subscribe(
    "in/#",
    ({ topic, payload }, done) => {
      const [, name = "", binary] = mqttTopics.in.exec(topic) ?? [];
      const subscriber = subscribers.get(name);
      if (subscriber) subscriber.connection?.receive(payload as Buffer, binary === undefined);
      else reportRefusal(() => `A message to in/${name} was dropped, since nobody has subscribed to out/${name}.`);
      done();
    },
    () => undefined,
  );

  const server = streamServer(options, {}, (socket) => {
    broker.handle(socket);
    // A second listener: the broker itself has no limit for the size of a packet.
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
