import type { AedesOptions } from "aedes";
import { mqttTopics } from "../../protocols/mqtt-topics.ts";
import { reportRefusal } from "../hosting/refusal-log.ts";
import type { Subscribers } from "./subscribers.ts";

/** Refuses what an MQTT client asked for. The result is the error for the broker, which ends the connection. */
function refusal(id: string | undefined, why: string): Error {
  reportRefusal(() => `MQTT client "${id ?? ""}": ${why}.`);
  return new Error(why);
}

/**
 * Authorisation rules of the broker. Sessions must be clean unless it keeps them, clients publish only to in/NAME, and a
 * subscription needs a name that nobody else has. A message to retain is carried as any other and not retained: nobody may subscribe to in/NAME.
 */
export function authorisation(
  subscribers: Subscribers,
  keepsSessions: boolean,
): Pick<AedesOptions, "preConnect" | "authorizePublish" | "authorizeSubscribe"> {
  return {
    preConnect(_client, { clean, clientId }, done) {
      if (clean || keepsSessions) done(null, true);
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
      const holder = name === undefined ? undefined : subscribers.get(name)?.client;
      const isOwn = holder !== undefined && !client.clean && holder.id === client.id;
      if (name !== undefined && (!holder || isOwn)) return done(null, subscription);
      const taken = name !== undefined;
      refusal(
        client?.id,
        `it may not subscribe to "${subscription.topic}": ${taken ? "the name is taken" : "subscribe to out/NAME"}`,
      );
      done(null, null);
    },
  };
}
