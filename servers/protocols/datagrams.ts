/*
 * The protocol of `udp`: one datagram per message, whose first byte is its kind. A session is a client's address and
 * port.
 *
 *     client                      server
 *     hello, 8 bytes of padding   cookie, 8 bytes
 *     join, cookie, nonce         welcome
 *     text or binary, payload     text or binary, payload
 *     pong                        ping
 *     leave                       closed
 *
 * Until a client has proved its address by returning the cookie, the server keeps no state for it and sends nothing
 * larger than it received. The nonce (4 bytes) distinguishes a repeated join from the next client with this port. A
 * ping is sent once per heartbeat, and up to three more times while it is not answered. `closed` is also sent when the
 * server ends a session, and to a client without a session.
 *
 * The client repeats hello, join and leave until they are answered. No other datagram is repeated, ordered or
 * acknowledged. A server never answers a kind that only servers send, so two servers cannot be made to answer each
 * other forever.
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
  leave: 9,
  closed: 10,
};

/** Bytes of a cookie, and of the nonce that a client adds to it. */
export const [cookieBytes, nonceBytes] = [8, 4];

/**
 * Largest payload of a message over IPv4: 65,535 bytes less 28 for the IP and UDP headers (RFC 768, RFC 791) and 1 for
 * the kind.
 */
export const maxDatagramPayloadBytes = 65_535 - 28 - 1;

/** Pings of one heartbeat, evenly spaced, before a silent client is dropped. */
export const pingsPerHeartbeat = 4;

/** Makes a datagram of this kind. */
export function datagram(kind: number, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Uint8Array.of(kind), ...parts]);
}
