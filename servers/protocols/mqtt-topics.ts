/*
 * How MQTT carries the application. A link is a name that some client has subscribed to:
 *
 *     subscribe  out/NAME or out/NAME/#    joins as NAME, which must be free; unsubscribing or going away leaves
 *     publish    in/NAME                   NAME says a text; from any connection, so that mosquitto_pub can speak for mosquitto_sub
 *     publish    in/NAME/bin               NAME says something binary
 *     out/NAME, out/NAME/bin               what is said to NAME; the latter where it has subscribed to out/NAME/#
 *
 * All other topics are refused, and so are sessions that outlive their connection.
 */

/** What follows the topic of a text where something binary is meant. */
export const binarySuffix = "/bin";

/** The names and kinds in these topics. */
export const mqttTopics = {
  in: /^in\/([^/+#]{1,64})(\/bin)?$/,
  out: /^out\/([^/+#]{1,64})(\/#)?$/,
};

/** Bytes that a packet has around a payload at most: its topic with what precedes it, and its own header. */
export const maxMqttOverheadBytes = 128;

/**
 * Reads a stream of packets along, and calls `refuse` once when one announces more than `maxBytes`, before it has come: the broker would wait
 * for as much as the protocol can say, 256 MB. A packet is a byte, its length in up to four bytes of seven bits each, and so many bytes (MQTT
 * 3.1.1, section 2.2).
 */
export function packetWatch(maxBytes: number, refuse: () => void): (chunk: Buffer) => void {
  let restBytes = 0;
  let lengthBytes = -1; // digits of the length that were read; -1 in front of a packet
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
