import { randomBytes } from "node:crypto";
import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { binarySuffix } from "../servers/protocols/mqtt-topics.ts";
import { openMqtt } from "./lib/mqtt/open-mqtt.ts";

/**
 * MQTT; topics: see servers/protocols/mqtt-topics.ts. Transport options: `qos`, 0 (default) or 1, for both directions,
 * and `session`, true where the broker keeps messages while the client has no connection.
 */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  const qos = options.transportOptions["qos"] === 1 ? 1 : 0;
  const name = randomBytes(6).toString("base64url");
  return openMqtt(address, handler, options, {
    clientId: name,
    filter: `out/${name}/#`,
    qos,
    session: options.transportOptions["session"] === true,
    refusal: (granted) => (granted === qos ? undefined : `the broker granted no subscription with QoS ${qos}`),
    topic: (text) => `in/${name}${text ? "" : binarySuffix}`,
    received: (topic, payload) => handler.receive(payload, !topic.endsWith(binarySuffix)),
  });
}
