import { constants } from "node:crypto";
import { createServer, type Server, type ServerOpts, type Socket } from "node:net";
import { createServer as createTlsServer, Server as TlsServer, type TlsOptions, type TLSSocket } from "node:tls";
import type { Options } from "../../../scenarios/contract.ts";
import { selfSigned } from "../../../scenarios/lib/certificate.ts";

/** Called with each accepted connection: at once or, under TLS, after the handshake. */
export type SocketHandler = (socket: Socket) => void;

/**
 * A server of `node:net`, or of `node:tls` where `options.tls` is set. `alpn` names the protocol that TLS negotiates
 * (RFC 7301).
 */
export function streamServer(
  options: Options,
  settings: ServerOpts & { alpn?: string },
  onSocket: SocketHandler,
): Server {
  const { alpn, ...plain } = settings;
  if (!options.tls) return createServer(plain, onSocket);
  return createTlsServer({ ...plain, ...handshakeLimits(options), ...(alpn && { ALPNProtocols: [alpn] }) }, onSocket);
}

/** Constructor options of a TLS server: the handshake must complete within `handshakeMs` (Node's default is 120 s). */
export function handshakeLimits({ handshakeMs }: Options): TlsOptions {
  return { handshakeTimeout: handshakeMs };
}

/**
 * Gives a TLS server its certificate and resolves with it, so that clients can trust it: the one of its options, or a
 * new self-signed one. TLS 1.3 only
 * (RFC 8446); no session is ever resumed. OpenSSL sends two tickets after each handshake, which Node cannot switch off.
 * With SSL_OP_NO_TICKET they hold no session, so they are short and always of the same length. A connection that fails
 * its handshake is destroyed.
 */
export async function tlsServer(
  server: TlsServer,
  hosts: readonly string[],
  identity: Options["identity"],
): Promise<string> {
  const { key, certificate } = identity ?? (await selfSigned(hosts));
  server.setSecureContext({ key, cert: certificate, minVersion: "TLSv1.3", secureOptions: constants.SSL_OP_NO_TICKET });
  server.on("tlsClientError", (_error, socket: TLSSocket) => socket.destroy());
  return certificate;
}
