import { randomBytes } from "node:crypto";
import { MqttClient } from "mqtt";
import type { Address, Connection, ConnectionHandler, Options } from "../../../scenarios/contract.ts";
import type { MqttTopics } from "../../../scenarios/lib/dialect.ts";
import { fillTemplate } from "../../../scenarios/lib/template.ts";
import { dial } from "../net/dial.ts";

/** MQTT 3.1.1 with topics of the user's own. Retained messages are ignored: they were said before. */
export async function connectMqttTopics(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
  { publish, subscribe, qos }: MqttTopics,
): Promise<Connection> {
  const { user, password, values = {} } = address;
  const [topic, filter] = [publish, subscribe].map((each) => fillTemplate(each, values, false)) as [string, string];
  const socket = await dial(address, options.handshakeMs);
  return new Promise((resolve, reject) => {
    const client = new MqttClient(() => socket, {
      clientId: randomBytes(6).toString("base64url"),
      clean: true,
      protocolVersion: 4,
      keepalive: Math.min(65_535, Math.max(1, Math.round(options.heartbeatMs / 1000))),
      connectTimeout: options.handshakeMs,
      reconnectPeriod: 0,
      ...(user !== undefined && { username: user }),
      ...(password !== undefined && { password }),
    });
    let failure: Error | undefined;
    let ready = false;
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
    client.on("message", (_topic, payload, { retain }) => retain || handler.receive(payload, true));
    client.once("connect", () =>
      client.subscribe(filter, { qos }, (error, granted) => {
        if (error) return refuse(error);
        if (granted?.[0] && granted[0].qos > 2)
          return refuse(new Error(`the broker refused the subscription to ${filter}`));
        clearTimeout(timeout);
        ready = true;
        resolve({
          send(payload) {
            // A copy, since the library may write the message later, and again after a lost acknowledgement.
            if (client.connected && !client.disconnecting) client.publish(topic, Buffer.from(payload), { qos });
          },
          close: () => void client.end(),
        });
      }),
    );
  });
}
