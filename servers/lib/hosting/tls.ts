import { constants } from "node:crypto";
import { createServer, type Server, type ServerOpts, type Socket } from "node:net";
import { createServer as createTlsServer, Server as TlsServer, type TlsOptions, type TLSSocket } from "node:tls";
import type { Options } from "../../../scenarios/contract.ts";
import { selfSigned } from "./certificate.ts";

/** Told of each connection that can be talked on: at once or, under TLS, after the handshake. */
export type OnSocket = (socket: Socket) => void;

/** A server of `node:net`, or of `node:tls` where the options ask for it; `alpn` is the protocol that is agreed on there, if any (RFC 7301). */
export function streamServer(options: Options, settings: ServerOpts & { alpn?: string }, take: OnSocket): Server {
  const { alpn, ...plain } = settings;
  if (!options.tls) return createServer(plain, take);
  return createTlsServer({ ...plain, ...handshakeLimits(options), ...(alpn && { ALPNProtocols: [alpn] }) }, take);
}

/** What the constructor of a TLS server is told: a handshake must be done within `handshakeMs` (Node's default is 120 s). */
export function handshakeLimits({ handshakeMs }: Options): TlsOptions {
  return { handshakeTimeout: handshakeMs };
}

/**
 * Makes a TLS server ready to listen and resolves with the certificate that its clients are to trust: a new one, signed by itself. TLS 1.3 only
 * (RFC 8446). Nobody resumes a session: two tickets are sent after each handshake, which OpenSSL cannot be told not to through Node, but they
 * are empty, so that they are short and always of the same length. Connections that fail to shake hands are destroyed.
 */
export async function tlsServer(server: TlsServer, hosts: readonly string[]): Promise<string> {
  const { key, certificate } = await selfSigned(hosts);
  server.setSecureContext({ key, cert: certificate, minVersion: "TLSv1.3", secureOptions: constants.SSL_OP_NO_TICKET });
  server.on("tlsClientError", (_error, socket: TLSSocket) => socket.destroy());
  return certificate;
}
