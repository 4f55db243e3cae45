import { MqttClient, type IPublishPacket } from "mqtt";
import type { Address, Connection, ConnectionHandler, Options } from "../../../scenarios/contract.ts";
import { dial } from "../net/dial.ts";

/** What a client subscribes to and publishes. */
export interface MqttTalk {
  clientId: string;
  /** Topic filter of the subscription. */
  filter: string;
  /** Quality of service, for both directions. */
  qos: 0 | 1 | 2;
  /** Why the QoS that the broker granted is not enough; undefined if it is. The broker may also name none. */
  refusal(granted: number | undefined): string | undefined;
  /** Topic of a message that the client sends. */
  topic(text: boolean): string;
  /** A message has arrived. */
  received(topic: string, payload: Buffer, packet: IPublishPacket): void;
}

/**
 * Opens a connection through the `mqtt` package: MQTT 3.1.1, without reconnection. It is ready when the broker has
 * granted the subscription, and rejects where that takes longer than the handshake may. The keep-alive time is the
 * heartbeat in whole seconds, at least one.
 */
export async function openMqtt(
  address: Address,
  handler: Pick<ConnectionHandler, "closed">,
  { handshakeMs, heartbeatMs }: Pick<Options, "handshakeMs" | "heartbeatMs">,
  { clientId, filter, qos, refusal, topic, received }: MqttTalk,
): Promise<Connection> {
  const { user, password } = address;
  const socket = await dial(address, handshakeMs);
  return new Promise((resolve, reject) => {
    const client = new MqttClient(() => socket, {
      clientId,
      ...(user !== undefined && { username: user }),
      ...(password !== undefined && { password }),
      clean: true,
      protocolVersion: 4,
      keepalive: Math.min(65_535, Math.max(1, Math.round(heartbeatMs / 1000))),
      connectTimeout: handshakeMs,
      reconnectPeriod: 0,
    });
    let failure: Error | undefined;
    let ready = false;
    // The library limits the time until CONNACK only.
    const timeout = setTimeout(
      () => refuse(new Error(`the broker granted no subscription within ${handshakeMs} ms`)),
      handshakeMs,
    );

    function refuse(error: Error): void {
      failure ??= error;
      client.end(true);
    }

    function subscribed(error: Error | null, granted?: readonly { qos: number }[]): void {
      if (error) return refuse(error);
      const problem = refusal(granted?.[0]?.qos);
      if (problem !== undefined) return refuse(new Error(problem));
      clearTimeout(timeout);
      ready = true;
      resolve({
        send(payload, text) {
          // A copy, since the library may write the message later, and again after a lost acknowledgement.
          if (client.connected && !client.disconnecting) client.publish(topic(text), Buffer.from(payload), { qos });
        },
        close: () => void client.end(),
      });
    }

    client.on("error", (error) => (failure = error));
    client.once("close", () => {
      clearTimeout(timeout);
      if (ready) handler.closed(failure);
      else reject(failure ?? new Error(`${address.host}:${address.port} closed the connection`));
    });
    client.on("message", received);
    client.once("connect", () => client.subscribe(filter, { qos }, subscribed));
  });
}
