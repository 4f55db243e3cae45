import type { Socket } from "node:net";
import { MqttClient, type IClientOptions } from "mqtt";
import type { Address, Connection } from "../../../scenarios/contract.ts";
import { dial, startDialing } from "../net/dial.ts";
import { MqttConnection, type MqttHandler, type MqttSettings, type MqttTalk } from "./mqtt-connection.ts";
import { mqttReconnection } from "./reconnection.ts";

/**
 * Opens a connection through the `mqtt` package: MQTT 3.1.1, with the package's own reconnection where
 * `options.reconnect` asks for it. It is ready when the broker has granted the subscription, and rejects where that
 * takes longer than the handshake may. The keep-alive time is the heartbeat in whole seconds, at least one.
 */
export async function openMqtt(
  address: Address,
  handler: MqttHandler,
  options: MqttSettings,
  talk: MqttTalk,
): Promise<Connection> {
  const { handshakeMs } = options;
  let dialed: Socket | undefined = await dial(address, handshakeMs);
  function openStream(): Socket {
    const socket = dialed ?? startDialing(address, handshakeMs);
    dialed = undefined;
    return socket;
  }
  return new MqttConnection(
    new MqttClient(openStream, clientOptions(address, options, talk)),
    handler,
    options,
    talk,
  ).open(`${address.host}:${address.port}`);
}

function clientOptions(
  { user, password }: Address,
  { handshakeMs, heartbeatMs, reconnect }: MqttSettings,
  { clientId, session = false }: MqttTalk,
): IClientOptions {
  return {
    clientId,
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { password }),
    clean: !session,
    protocolVersion: 4,
    keepalive: Math.min(65_535, Math.max(1, Math.round(heartbeatMs / 1000))),
    connectTimeout: handshakeMs,
    ...mqttReconnection(reconnect),
  };
}
