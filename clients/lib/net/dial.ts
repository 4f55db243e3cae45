import { connect, type OnReadOpts, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Address } from "../../../scenarios/contract.ts";
import { tlsOptions } from "./tls-options.ts";

/** What a caller may want of a connection. */
export interface DialOptions {
  /** Where what arrives goes to; else it goes to the socket's "data" event. */
  onread?: OnReadOpts;
  /** The protocol to agree on in a handshake (RFC 7301), where there is one. */
  alpn?: "h2" | "http/1.1";
}

/**
 * An open TCP connection that sends at once (TCP_NODELAY); where the address has a certificate, the TLS connection on it. Rejects where nobody
 * accepts and shakes hands within `timeoutMs`, or another certificate is shown.
 */
export function dial(address: Address, timeoutMs: number, { onread, alpn }: DialOptions = {}): Promise<Socket> {
  const { host, port, certificate } = address;
  const where = { host, port, ...(onread && { onread }) };
  return new Promise((resolve, reject) => {
    const socket =
      certificate === undefined
        ? connect({ ...where, noDelay: true })
        : connectTls({ ...where, ...tlsOptions(address), ...(alpn && { ALPNProtocols: [alpn] }) }).setNoDelay(true);
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer from ${host}:${port} in ${timeoutMs} ms`)));
    socket.once("error", reject);
    socket.once(certificate === undefined ? "connect" : "secureConnect", () => {
      socket.off("error", reject);
      socket.removeAllListeners("timeout").setTimeout(0);
      resolve(socket);
    });
  });
}
