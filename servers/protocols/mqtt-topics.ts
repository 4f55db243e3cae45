/*
 * The topics that carry the application over MQTT. A client of the application is a name that some MQTT client has
 * subscribed to:
 *
 *     subscribe  out/NAME or out/NAME/#    joins as NAME, which must be free
 *     publish    in/NAME                   sends a text as NAME
 *     publish    in/NAME/bin               sends a binary message as NAME
 *     out/NAME, out/NAME/bin               a message to NAME
 *
 * A client leaves when it unsubscribes or disconnects. Any connection may publish as NAME, so mosquitto_pub can send
 * for mosquitto_sub. A binary message is sent on out/NAME/bin to a subscriber of out/NAME/#, and on out/NAME to others.
 *
 * All other topics are refused, and so are sessions that outlive their connection, unless the broker keeps them. Then
 * a client whose connection breaks stays for two minutes.
 */

/** End of the topic of a binary message. */
export const binarySuffix = "/bin";

/** Patterns of the topics. Their groups are the name, and what follows it. */
export const mqttTopics = {
  in: /^in\/([^/+#]{1,64})(\/bin)?$/,
  out: /^out\/([^/+#]{1,64})(\/#)?$/,
};

/** Largest overhead of a packet: its header, and its topic with the length and the packet id. */
export const maxMqttOverheadBytes = 128;

/**
 * Returns a reader of a stream of packets that calls `refuse` once when a packet announces more than `maxBytes`, before
 * it has arrived. The broker itself would accept the protocol's limit, 256 MB. A packet is one byte, the length of the
 * rest in up to four bytes of seven bits each, and the rest (MQTT 3.1.1, section 2.2).
 */
export function packetWatch(maxBytes: number, refuse: () => void): (chunk: Buffer) => void {
  let restBytes = 0;
  let lengthBytes = -1; // bytes of the length that were read; -1 before a packet
  let length = 0;

  return function read(chunk) {
    let at = 0;
    while (at < chunk.length) {
      if (restBytes > 0) {
        const skipped = Math.min(restBytes, chunk.length - at);
        restBytes -= skipped;
        at += skipped;
        continue;
      }
      const byte = chunk[at++]!;
      if (lengthBytes < 0) {
        [lengthBytes, length] = [0, 0];
        continue;
      }
      length += (byte & 0x7f) * 2 ** (7 * lengthBytes++);
      if (length > maxBytes) {
        restBytes = Infinity;
        refuse();
      } else if (byte < 0x80 || lengthBytes === 4) {
        restBytes = length;
        lengthBytes = -1;
      }
    }
  };
}
