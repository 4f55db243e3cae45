import type { WireFormula } from "./formula.ts";

/*
 * Packets of MQTT 3.1.1: one byte, the length of the rest in digits of 7 bits, and the rest (section 2.2). A string is preceded by its length
 * in two bytes (section 1.5.3).
 */

/** Bytes of a packet, by those behind its length. */
function packet(restBytes: number): number {
  const digits = [2 ** 7, 2 ** 14, 2 ** 21].findIndex((bound) => restBytes < bound) + 1;
  return 1 + digits + restBytes;
}

/** Bytes of a message on its topic (section 3.3); an identifier is needed where it is to be acknowledged. */
const publish = (topic: string, payloadBytes: number, qos: 0 | 1): number =>
  packet(2 + topic.length + (qos === 0 ? 0 : 2) + payloadBytes);

const acknowledgement = packet(2);
/** A name of the client's: 6 bytes in base64url. */
const name = "n".repeat(8);
const suffix = (text: boolean): string => (text ? "" : "/bin");

/** A topic in front of each payload; with QoS 1 an acknowledgement the other way. */
export function mqttFormula(qos: 0 | 1): WireFormula {
  const answer = qos === 0 ? 0 : acknowledgement;
  // Protocol's name, level, flags and keep-alive, the client's name (section 3.1); an identifier, the filter, the QoS (section 3.8).
  const connect = packet(2 + "MQTT".length + 1 + 1 + 2 + 2 + name.length);
  const subscribe = packet(2 + 2 + `out/${name}/#`.length + 1);
  return {
    setUp: () => ({ duplex: { in: connect + subscribe, out: packet(2) + packet(2 + 1) } }),
    send: (payload, text) => ({
      duplex: { in: publish(`in/${name}${suffix(text)}`, payload.length, qos), out: answer },
    }),
    delivery: (payload, text) => ({
      duplex: { in: answer, out: publish(`out/${name}${suffix(text)}`, payload.length, qos) },
    }),
    // PINGREQ and PINGRESP.
    idle: { name: "heartbeat", cost: () => ({ duplex: { in: packet(0), out: packet(0) } }) },
  };
}
