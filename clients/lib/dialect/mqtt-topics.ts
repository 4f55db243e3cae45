import { randomBytes } from "node:crypto";
import type { Address, Connection, ConnectionHandler, Options } from "../../../scenarios/contract.ts";
import type { MqttTopics } from "../../../scenarios/lib/dialect.ts";
import { fillTemplate } from "../../../scenarios/lib/template.ts";
import { openMqtt } from "../mqtt/open-mqtt.ts";

/** MQTT with topics of the user's own. Retained messages are ignored: they were said before. */
export async function connectMqttTopics(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
  { publish, subscribe, qos }: MqttTopics,
): Promise<Connection> {
  const { values = {} } = address;
  const topic = fillTemplate(publish, values, false);
  const filter = fillTemplate(subscribe, values, false);
  return openMqtt(address, handler, options, {
    clientId: randomBytes(6).toString("base64url"),
    filter,
    qos,
    refusal: (granted = 0) => (granted > 2 ? `the broker refused the subscription to ${filter}` : undefined),
    topic: () => topic,
    received: (_topic, payload, { retain }) => {
      if (!retain) handler.receive(payload, true);
    },
  });
}
