import type { Socket } from "node:net";
import type { Client } from "aedes";
import { mqttTopics } from "../../protocols/mqtt-topics.ts";
import type { ServerConnection } from "../hosting/host.ts";

/** A message to a client, ready for its topic. */
export interface Message {
  payload: Buffer;
  suffix: string;
}

/** A client of the application: one name that an MQTT connection has subscribed to. */
export interface Subscriber {
  /** The last connection of the client. What is published to it after it has closed stays in its session. */
  client: Client;
  socket: Socket;
  name: string;
  /** Topic filter of the subscription. */
  filter: string;
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
  /** Ends the session. Set while the client has no connection and its session lasts. */
  absence?: NodeJS.Timeout | undefined;
  /** Set while the broker sends what the session holds: later messages wait, so that none overtakes another. */
  held?: Message[] | undefined;
}

/** The subscribers of a broker. Each name belongs to one subscriber at a time. */
export class Subscribers {
  private readonly byName = new Map<string, Subscriber>();
  private readonly namesByClient = new Map<Client, readonly string[]>();
  /** The last connection of each session, by client identifier. */
  private readonly sessions = new Map<string, Client>();
  private readonly sessionMs: number;

  /** `sessionMs`: milliseconds for which a session lasts without a connection. */
  constructor(sessionMs: number) {
    this.sessionMs = sessionMs;
  }

  get(name: string): Subscriber | undefined {
    return this.byName.get(name);
  }

  add(subscriber: Subscriber): void {
    const { client, name } = subscriber;
    this.byName.set(name, subscriber);
    this.namesByClient.set(client, [...(this.namesByClient.get(client) ?? []), name]);
    if (!client.clean) this.sessions.set(client.id, client);
  }

  /** The subscribers of a connection. */
  of(client: Client): Subscriber[] {
    const names = this.namesByClient.get(client) ?? [];
    return names.map((name) => this.byName.get(name)).filter((subscriber) => subscriber !== undefined);
  }

  /** A connection goes on with the session of its client identifier, if there is one, or ends it if it wants none. */
  connected(client: Client): void {
    const former = this.sessions.get(client.id);
    if (!former) return;
    if (client.clean) return this.of(former).forEach((subscriber) => this.remove(subscriber));
    const subscribers = this.of(former);
    this.namesByClient.set(client, this.namesByClient.get(former) ?? []);
    this.namesByClient.delete(former);
    this.sessions.set(client.id, client);
    for (const subscriber of subscribers) {
      clearTimeout(subscriber.absence);
      const fresh = { client, socket: client.conn as Socket, queued: { packets: 0, bytes: 0 } };
      Object.assign(subscriber, { ...fresh, absence: undefined, held: [] } satisfies Partial<Subscriber>);
    }
  }

  /** Removes the names of a client that match these topic filters. */
  unsubscribe(client: Client, filters: readonly string[]): void {
    const unsubscribed = new Set(filters.map((filter) => mqttTopics.out.exec(filter)?.[1]));
    for (const subscriber of this.of(client)) if (unsubscribed.has(subscriber.name)) this.remove(subscriber);
  }

  /**
   * The connection of a client has ended. Its names stay as long as its session lasts, unless one of the sides has
   * closed it. Returns those that stay.
   */
  disconnect(client: Client): Subscriber[] {
    const lasting = !client.clean && !hasSaidGoodbye(client);
    for (const subscriber of this.of(client)) {
      if (lasting && !subscriber.closing)
        subscriber.absence = setTimeout(() => this.remove(subscriber), this.sessionMs);
      else this.remove(subscriber);
    }
    const staying = this.of(client);
    if (staying.length === 0) this.namesByClient.delete(client);
    return staying;
  }

  /** The client leaves the application, and its session ends. */
  remove(subscriber: Subscriber): void {
    const { client, name, filter, connection, absence } = subscriber;
    clearTimeout(absence);
    subscriber.absence = undefined;
    this.byName.delete(name);
    const others = this.of(client).map((other) => other.name);
    this.namesByClient.set(client, others);
    if (others.length === 0) this.namesByClient.delete(client);
    if (others.length === 0 && this.sessions.get(client.id) === client) this.sessions.delete(client.id);
    if (!client.clean && client.closed) forgetSession(client, filter);
    connection?.leave();
  }
}

/** Deletes what the broker keeps for a client that has no connection: its subscription and its messages. */
function forgetSession(client: Client, filter: string): void {
  // Only a packet with an identifier reaches what is stored. There is nobody to receive the answer.
  client.unsubscribe({ cmd: "unsubscribe", messageId: 1, unsubscriptions: [filter] }, () => undefined);
  client.emptyOutgoingQueue(() => undefined);
}

/** True if a client has sent DISCONNECT (MQTT 3.1.1, section 3.14). The broker tells nobody. */
function hasSaidGoodbye(client: Client): boolean {
  return (client as { ["_disconnected"]?: boolean })["_disconnected"] === true;
}
