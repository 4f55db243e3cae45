import type { IPublishPacket, MqttClient } from "mqtt";
import type { Connection, ConnectionHandler, Options } from "../../../scenarios/contract.ts";
import { followWindow } from "./reconnection.ts";

/** What a client subscribes to and publishes. */
export interface MqttTalk {
  clientId: string;
  /** Topic filter of the subscription. */
  filter: string;
  /** Quality of service, for both directions. */
  qos: 0 | 1 | 2;
  /** True if the broker keeps the session of the client while it has no connection. Default: false. */
  session?: boolean;
  /** Why the QoS that the broker granted is not enough; undefined if it is. The broker may also name none. */
  refusal(granted: number | undefined): string | undefined;
  /** Topic of a message that the client sends. */
  topic(text: boolean): string;
  /** A message has arrived. */
  received(topic: string, payload: Buffer, packet: IPublishPacket): void;
}

/** The options that a connection reads. */
export type MqttSettings = Pick<Options, "handshakeMs" | "heartbeatMs" | "reconnect">;

/** The part of a handler that a connection calls itself. Messages go to `MqttTalk.received`. */
export type MqttHandler = Pick<ConnectionHandler, "closed" | "lost" | "back">;

/** A connection through the library's client. It follows the client through its reconnections. */
export class MqttConnection implements Connection {
  private readonly client: MqttClient;
  private readonly handler: MqttHandler;
  private readonly options: MqttSettings;
  private readonly talk: MqttTalk;
  private failure: Error | undefined;
  /** True if the broker goes on with the session of the connection before. */
  private isResumed = false;
  private state: "opening" | "open" | "lost" | "closing" | "closed" = "opening";

  constructor(client: MqttClient, handler: MqttHandler, options: MqttSettings, talk: MqttTalk) {
    this.client = client;
    this.handler = handler;
    this.options = options;
    this.talk = talk;
    client.on("error", (error) => (this.failure = error));
    if (options.reconnect) this.followReconnection(options.reconnect);
    client.on("message", talk.received);
  }

  private followReconnection(reconnect: NonNullable<Options["reconnect"]>): void {
    const { client, talk } = this;
    client.on("packetreceive", (packet) => {
      if (packet.cmd === "connack") this.isResumed = talk.session === true && packet.sessionPresent;
    });
    client.on("message", () => this.backIfResumed());
    if (reconnect !== "usual") followWindow(client, reconnect);
  }

  /** Resolves when the first subscription is granted. */
  open(brokerName: string): Promise<Connection> {
    const { client } = this;
    const { handshakeMs } = this.options;
    return new Promise((resolve, reject) => {
      // The library limits the time until CONNACK only.
      const timeout = setTimeout(
        () => this.refuse(new Error(`the broker granted no subscription within ${handshakeMs} ms`)),
        handshakeMs,
      );
      client.on("close", () => {
        clearTimeout(timeout);
        if (this.state !== "opening") return this.streamClosed();
        if (this.options.reconnect) client.end(true);
        reject(this.failure ?? new Error(`${brokerName} closed the connection`));
      });
      client.on("connect", () =>
        this.subscribe(() => {
          clearTimeout(timeout);
          this.state = "open";
          resolve(this);
        }),
      );
    });
  }

  send(payload: Buffer, text: boolean): void {
    const { client, talk } = this;
    // A copy, since the library may write the message later, and again after a lost acknowledgement.
    if (client.connected && !client.disconnecting)
      client.publish(talk.topic(text), Buffer.from(payload), { qos: talk.qos });
  }

  close(): void {
    const wasLost = this.state === "lost";
    if (wasLost) this.state = "closed";
    if (this.state === "open") this.state = "closing";
    this.client.end(wasLost);
    if (wasLost) this.handler.closed();
  }

  /** Subscribes after each connect, unless the broker has kept the subscription. */
  private subscribe(opened: () => void): void {
    const { client, talk } = this;
    this.failure = undefined;
    if (this.state === "lost" && this.isResumed) return this.backIfResumed();
    client.subscribe(talk.filter, { qos: talk.qos }, (error, granted) => {
      if (error) return this.refuse(error);
      const problem = talk.refusal(granted?.[0]?.qos);
      if (problem !== undefined) return this.refuse(new Error(problem));
      if (this.state === "opening") opened();
      else this.back(false);
    });
  }

  /** The broker has granted too little. During an outage the library tries again. */
  private refuse(error: Error): void {
    this.failure ??= error;
    if (this.state === "opening") this.client.end(true);
    else if (this.client.connected) this.client.stream.destroy();
  }

  private streamClosed(): void {
    if (this.state === "closed" || this.state === "lost") return;
    if (this.state === "closing" || !this.options.reconnect) {
      this.state = "closed";
      return this.handler.closed(this.failure);
    }
    this.state = "lost";
    this.handler.lost?.();
  }

  /** What the client has missed may arrive before the event "connect". */
  private backIfResumed(): void {
    if (this.state === "lost" && this.isResumed) this.back(true);
  }

  private back(resumed: boolean): void {
    if (this.state !== "lost") return;
    this.state = "open";
    this.handler.back?.(resumed);
  }
}
