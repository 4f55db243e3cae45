import { randomBytes } from "node:crypto";
import { MqttClient } from "mqtt";
import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { binarySuffix } from "../servers/protocols/mqtt-topics.ts";
import { dial } from "./lib/net/dial.ts";

/**
 * MQTT 3.1.1 through the `mqtt` package, without reconnection; topics: see servers/protocols/mqtt-topics.ts. Transport
 * option `qos`: 0 (default) or 1, for both directions. The keep-alive time is the heartbeat in whole seconds, at least
 * one.
 */
export default async function connect(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
): Promise<Connection> {
  const qos = options.transportOptions["qos"] === 1 ? 1 : 0;
  const name = randomBytes(6).toString("base64url");
  const socket = await dial(address, options.handshakeMs);
  return new Promise((resolve, reject) => {
    const client = new MqttClient(() => socket, {
      clientId: name,
      ...(address.user !== undefined && { username: address.user }),
      ...(address.password !== undefined && { password: address.password }),
      clean: true,
      protocolVersion: 4,
      keepalive: Math.min(65_535, Math.max(1, Math.round(options.heartbeatMs / 1000))),
      connectTimeout: options.handshakeMs,
      reconnectPeriod: 0,
    });
    let failure: Error | undefined;
    let ready = false;
    // The library limits the time until CONNACK only.
    const timeout = setTimeout(
      () => refuse(new Error(`the broker granted no subscription within ${options.handshakeMs} ms`)),
      options.handshakeMs,
    );

    function refuse(error: Error): void {
      failure ??= error;
      client.end(true);
    }

    client.on("error", (error) => (failure = error));
    client.once("close", () => {
      clearTimeout(timeout);
      if (ready) handler.closed(failure);
      else reject(failure ?? new Error(`${address.host}:${address.port} closed the connection`));
    });
    client.on("message", (topic, payload) => handler.receive(payload, !topic.endsWith(binarySuffix)));
    function subscribed(error: Error | null, granted?: readonly { qos: number }[]): void {
      if (error) return refuse(error);
      if (granted?.[0]?.qos !== qos) return refuse(new Error(`the broker granted no subscription with QoS ${qos}`));
      clearTimeout(timeout);
      ready = true;
      resolve({
        send(payload, text) {
          // A copy, since the library may write the message later, and again after a lost acknowledgement.
          if (client.connected && !client.disconnecting)
            client.publish(`in/${name}${text ? "" : binarySuffix}`, Buffer.from(payload), { qos });
        },
        close: () => void client.end(),
      });
    }
    client.once("connect", () => client.subscribe(`out/${name}/#`, { qos }, subscribed));
  });
}
