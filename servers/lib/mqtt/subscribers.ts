import type { Socket } from "node:net";
import type { AedesOptions, Client } from "aedes";
import { mqttTopics } from "../../protocols/mqtt-topics.ts";
import { reportRefusal } from "../hosting/refusal-log.ts";
import type { ServerConnection } from "../hosting/host.ts";

/** A client of the application: one name that an MQTT connection has subscribed to. */
export interface Subscriber {
  client: Client;
  socket: Socket;
  name: string;
  /** Quality of service that the client requested: 0 delivers at most once, 1 at least once. */
  qos: 0 | 1 | 2;
  /** True if the client has subscribed to out/NAME/#. Binary messages can then have a topic of their own. */
  wildcard: boolean;
  /** Undefined until the client has joined the application. */
  connection?: ServerConnection;
  /** Packets and their payload bytes that the broker has not written yet. */
  queued: { packets: number; bytes: number };
  /** The application has closed the connection. */
  closing: boolean;
}

/** The subscribers of a broker. Each name belongs to one subscriber at a time. */
export class Subscribers {
  private readonly byName = new Map<string, Subscriber>();
  private readonly namesByClient = new Map<Client, readonly string[]>();

  get(name: string): Subscriber | undefined {
    return this.byName.get(name);
  }

  add(subscriber: Subscriber): void {
    const { client, name } = subscriber;
    this.byName.set(name, subscriber);
    this.namesByClient.set(client, [...(this.namesByClient.get(client) ?? []), name]);
  }

  /** Removes the names of a client that match these topic filters. */
  unsubscribe(client: Client, filters: readonly string[]): void {
    const unsubscribed = new Set(filters.map((filter) => mqttTopics.out.exec(filter)?.[1]));
    const names = this.namesByClient.get(client) ?? [];
    this.namesByClient.set(
      client,
      names.filter((name) => !unsubscribed.has(name)),
    );
    for (const name of names) if (unsubscribed.has(name)) this.remove(name);
  }

  /** Removes all names of a client whose connection has ended. */
  disconnect(client: Client): void {
    for (const name of this.namesByClient.get(client) ?? []) this.remove(name);
    this.namesByClient.delete(client);
  }

  private remove(name: string): void {
    const connection = this.byName.get(name)?.connection;
    this.byName.delete(name);
    connection?.leave();
  }
}

/** Refuses what an MQTT client asked for. The result is the error for the broker, which ends the connection. */
function refusal(id: string | undefined, why: string): Error {
  reportRefusal(() => `MQTT client "${id ?? ""}": ${why}.`);
  return new Error(why);
}

/**
 * Authorisation rules of the broker. Sessions must be clean, clients publish only to in/NAME, and a subscription needs a
 * name that nobody has. A message to retain is carried as any other and not retained: nobody may subscribe to in/NAME.
 */
export function authorisation(
  subscribers: Subscribers,
): Pick<AedesOptions, "preConnect" | "authorizePublish" | "authorizeSubscribe"> {
  return {
    preConnect(_client, { clean, clientId }, done) {
      if (clean) done(null, true);
      else done(refusal(clientId, "a session must be clean, since none outlives its connection"), false);
    },
    authorizePublish(client, packet, done) {
      if (!mqttTopics.in.test(packet.topic))
        return done(refusal(client?.id, `clients may not publish "${packet.topic}": publish in/NAME or in/NAME/bin`));
      packet.retain = false;
      done(null);
    },
    authorizeSubscribe(client, subscription, done) {
      const name = mqttTopics.out.exec(subscription.topic)?.[1];
      if (name !== undefined && !subscribers.get(name)) return done(null, subscription);
      const taken = name !== undefined;
      refusal(
        client?.id,
        `it may not subscribe to "${subscription.topic}": ${taken ? "the name is taken" : "subscribe to out/NAME"}`,
      );
      done(null, null);
    },
  };
}
