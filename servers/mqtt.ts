import type { Socket } from "node:net";
import { Aedes, type PublishPacket } from "aedes";
import type { App, Options, Server } from "../scenarios/contract.ts";
import { hostApplication } from "./lib/hosting/host.ts";
import { listen } from "./lib/hosting/listen.ts";
import { reportRefusal } from "./lib/hosting/refusal-log.ts";
import { streamServer } from "./lib/hosting/tls.ts";
import { authorisation } from "./lib/mqtt/authorisation.ts";
import { Subscribers, type Message, type Subscriber } from "./lib/mqtt/subscribers.ts";
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
 *
 * With the transport option `session` a client may ask for a session that outlives its connection (QoS 1, clean session
 * 0). The broker keeps its messages for six times `idleMs`, by default two minutes, and so long the client is the same to the application.
 */
export default async function serve(app: App, options: Options): Promise<Server> {
  const subscribers = new Subscribers(6 * options.idleMs);
  const broker = await Aedes.createBroker({
    // No limit: otherwise a slow subscriber stops the whole broker after 100 of its own messages.
    concurrency: 0,
    connectTimeout: options.handshakeMs,
    ...authorisation(subscribers, options.transportOptions["session"] === true),
  });

  const { counts, join, closeAll } = hostApplication<Subscriber, Message>(
    app,
    {
      encode: (payload, text) => ({ payload, suffix: text ? "" : binarySuffix }),
      push(subscriber, message) {
        const { client, closing, held } = subscriber;
        if (closing || (client.closed && client.clean)) return false;
        if (held) held.push(message);
        else publish(subscriber, message);
        return true;
      },
      queuedBytes: ({ queued }) => queued.bytes,
      close(subscriber) {
        subscriber.closing = true;
        endIfDone(subscriber);
      },
      drop(subscriber) {
        subscriber.closing = true;
        if (subscriber.absence) subscribers.remove(subscriber);
        else subscriber.socket.destroy();
      },
    },
    options,
  );

  function publish(subscriber: Subscriber, { payload, suffix }: Message): void {
    const { client, name, qos, wildcard, queued } = subscriber;
    queued.packets++;
    queued.bytes += payload.length;
    const topic = `out/${name}${wildcard ? suffix : ""}`;
    client.publish({ cmd: "publish", topic, payload, qos, retain: false, dup: false } satisfies PublishPacket, () => {
      if (client.closed && !client.clean) return; // it waits in the session
      queued.packets--;
      queued.bytes -= payload.length;
      endIfDone(subscriber);
    });
  }

  function publishHeld(subscriber: Subscriber): void {
    const { held = [] } = subscriber;
    subscriber.held = undefined;
    for (const message of held) publish(subscriber, message);
    endIfDone(subscriber);
  }

  /** Ends the connection, which is the only way for a broker to close it. */
  function endIfDone(subscriber: Subscriber): void {
    const { closing, queued, socket, absence, held } = subscriber;
    if (!closing || held) return;
    if (absence) subscribers.remove(subscriber);
    else if (queued.packets === 0) socket.end();
  }

  broker.on("subscribe", (subscriptions, client) => {
    for (const { topic, qos } of subscriptions) {
      const [, name, wildcard] = mqttTopics.out.exec(topic) ?? [];
      if (name === undefined || (qos as number) === refused) continue;
      const socket = client.conn as Socket;
      const holder = subscribers.get(name);
      if (holder) {
        if (holder.client !== client || client.clean) socket.destroy(); // two were granted the same name at a time
        continue;
      }
      const queued = { packets: 0, bytes: 0 };
      const subscriber: Subscriber = {
        client,
        socket,
        name,
        filter: topic,
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
  broker.on("client", (client) => subscribers.connected(client));
  broker.on("clientReady", (client) => subscribers.of(client).forEach(publishHeld));
  broker.on("clientDisconnect", (client) => subscribers.disconnect(client).forEach(publishHeld));
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
    socket.on("error", () => undefined); // the broker removes its own listener before a late reset
    const client = broker.handle(socket);
    function refuse(): void {
      for (const subscriber of subscribers.of(client)) subscriber.closing = true; // so that no session remains
      socket.destroy();
    }
    // A second listener: the broker itself has no limit for the size of a packet.
    socket.on("data", packetWatch(options.maxPayloadBytes + maxMqttOverheadBytes, refuse));
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
