import type { WireFormula } from "./formula.ts";

/*
 * Packets of MQTT 3.1.1. A packet is one byte, the remaining length in groups of 7 bits, and the rest (section 2.2). A
 * string has its length in front, in two bytes (section 1.5.3).
 */

/** Bytes of a packet whose remaining length is `restBytes`. */
function packet(restBytes: number): number {
  const lengthBytes = [2 ** 7, 2 ** 14, 2 ** 21].findIndex((bound) => restBytes < bound) + 1;
  return 1 + lengthBytes + restBytes;
}

/**
 * Bytes of a PUBLISH packet (section 3.3). With QoS 1 it carries a packet identifier, which the acknowledgement
 * repeats.
 */
const publish = (topic: string, payloadBytes: number, qos: 0 | 1): number =>
  packet(2 + topic.length + (qos === 0 ? 0 : 2) + payloadBytes);

const acknowledgementBytes = packet(2);
/** Client identifier of the right length: 6 bytes in base64url. */
const clientId = "n".repeat(8);
const topicSuffix = (text: boolean): string => (text ? "" : "/bin");

/** MQTT: each message names its topic, and with QoS 1 the receiver acknowledges it. */
export function mqttFormula(qos: 0 | 1): WireFormula {
  const acknowledgement = qos === 0 ? 0 : acknowledgementBytes;
  // Protocol name, level, flags, keep-alive and client identifier (section 3.1).
  const connect = packet(2 + "MQTT".length + 1 + 1 + 2 + 2 + clientId.length);
  // Packet identifier, topic filter and QoS (section 3.8).
  const subscribe = packet(2 + 2 + `out/${clientId}/#`.length + 1);
  return {
    setUp: () => ({ duplex: { in: connect + subscribe, out: packet(2) + packet(2 + 1) } }),
    send: (payload, text) => ({
      duplex: { in: publish(`in/${clientId}${topicSuffix(text)}`, payload.length, qos), out: acknowledgement },
    }),
    delivery: (payload, text) => ({
      duplex: { in: acknowledgement, out: publish(`out/${clientId}${topicSuffix(text)}`, payload.length, qos) },
    }),
    // PINGREQ and PINGRESP.
    idle: { name: "heartbeat", cost: () => ({ duplex: { in: packet(0), out: packet(0) } }) },
  };
}
