import { connect, type OnReadOpts, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Address, Role } from "../../../scenarios/contract.ts";
import { countSocket } from "../../../scenarios/lib/client-bytes.ts";
import { tlsOptions } from "./tls-options.ts";

/** Optional settings of a new connection. */
export interface DialOptions {
  /** Buffer and callback for received bytes. Default: the socket's "data" event. */
  onread?: OnReadOpts;
  /** The protocol to negotiate in the TLS handshake (ALPN, RFC 7301). Default: none. */
  alpn?: "h2" | "http/1.1";
  /** Use of the connection, by which its bytes are counted. Default: duplex. */
  role?: Role;
}

/**
 * Opens a TCP connection with TCP_NODELAY, or a TLS connection where the address has a certificate. Rejects where the
 * server does not accept and complete the handshake within `timeoutMs`, or shows another certificate.
 */
export function dial(address: Address, timeoutMs: number, { onread, alpn, role }: DialOptions = {}): Promise<Socket> {
  const { host, port, certificate } = address;
  const target = { host, port, ...(onread && { onread }) };
  return new Promise((resolve, reject) => {
    const socket =
      certificate === undefined
        ? connect({ ...target, noDelay: true })
        : connectTls({ ...target, ...tlsOptions(address), ...(alpn && { ALPNProtocols: [alpn] }) }).setNoDelay(true);
    socket.setTimeout(timeoutMs, () =>
      socket.destroy(new Error(`no response from ${host}:${port} within ${timeoutMs} ms`)),
    );
    socket.once("error", reject);
    socket.once(certificate === undefined ? "connect" : "secureConnect", () => {
      socket.off("error", reject);
      socket.removeAllListeners("timeout").setTimeout(0);
      countSocket(socket, address, role);
      resolve(socket);
    });
  });
}
