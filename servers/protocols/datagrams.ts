/*
 * The protocol of `udp`: one datagram per message, whose first byte says what it is. A session is an address and port of a client.
 *
 *     client                      server
 *     hello, 8 bytes of padding   cookie, 8 bytes   Nothing is kept and nothing larger sent until the address has proved its own.
 *     join, cookie, 4 of chance   welcome           The chance tells a repeated join from that of the next client with this port.
 *     text or binary, payload     text or binary, payload
 *     pong                        ping              Once per heartbeat, up to three times again where it is not answered.
 *     bye                         gone              Also said unasked when the server ends a session, and to whoever speaks without one.
 *
 * The client repeats hello, join and bye until they are answered. Nothing else is repeated, put in order or known to have arrived. What is
 * only ever said by a server is never answered by one, so that no two can be made to talk to each other.
 */
export const datagramKinds = {
  hello: 1,
  cookie: 2,
  join: 3,
  welcome: 4,
  text: 5,
  binary: 6,
  ping: 7,
  pong: 8,
  bye: 9,
  gone: 10,
};

/** Bytes of a cookie, and of what a client adds to it by chance. */
export const [cookieBytes, chanceBytes] = [8, 4];

/** Largest payload of a datagram over IPv4 less the byte that says what it is. IP and UDP headers take 28 of 65,535 (RFC 768, RFC 791). */
export const maxDatagramPayloadBytes = 65_535 - 28 - 1;

/** Asks of a heartbeat, evenly spaced, before a silent side is given up. */
export const pingsPerHeartbeat = 4;

/** A datagram of this kind. */
export function datagram(kind: number, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Uint8Array.of(kind), ...parts]);
}
