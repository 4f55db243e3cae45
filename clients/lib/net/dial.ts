import { connect, type OnReadOpts, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Address, Role } from "../../../scenarios/contract.ts";
import { countSocket } from "../../../scenarios/lib/client-bytes.ts";
import { isEncrypted, tlsOptions } from "./tls-options.ts";

/** Optional settings of a new connection. */
export interface DialOptions {
  /** Buffer and callback for received bytes. Default: the socket's "data" event. */
  onread?: OnReadOpts;
  /** The protocol to negotiate in the TLS handshake (ALPN, RFC 7301). Default: none. */
  alpn?: "h2" | "http/1.1";
  /** Use of the connection, by which its bytes are counted. Default: duplex. */
  role?: Role;
}

/** Receiver of everything that passes the sockets of this process, above TLS. */
export interface SocketTap {
  sent(bytes: Buffer): void;
  received(bytes: Buffer): void;
}

let tap: SocketTap | undefined;

/** Shows to `to` what passes the sockets that are opened from now on; undefined ends that. */
export function tapSockets(to: SocketTap | undefined): void {
  tap = to;
}

function tapSocket(socket: Socket, { sent }: SocketTap): void {
  const write = socket.write.bind(socket) as (...given: unknown[]) => boolean;
  socket.write = (data: Uint8Array | string, ...more: unknown[]) => {
    sent(Buffer.from(data as string));
    return write(data, ...more);
  };
}

function tapReads(onread: OnReadOpts, { received }: SocketTap): OnReadOpts {
  return {
    ...onread,
    callback(length, bytes) {
      received(Buffer.from(bytes.subarray(0, length)));
      return onread.callback(length, bytes);
    },
  };
}

/**
 * Opens a TCP connection with TCP_NODELAY, a connection to a Unix socket, or a TLS connection where the address says
 * so. Rejects where the server does not accept and complete the handshake within `timeoutMs`, or shows a certificate
 * that is not to be trusted.
 */
export function dial(address: Address, timeoutMs: number, options: DialOptions = {}): Promise<Socket> {
  const socket = startDialing(address, timeoutMs, options);
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once(openedEvent(address), () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

/** The socket of a connection that is being opened as by `dial`, for a library that takes one at once. */
export function startDialing(address: Address, timeoutMs: number, { onread, alpn, role }: DialOptions = {}): Socket {
  const { host, port, socketPath, localAddress } = address;
  const place = socketPath === undefined ? { host, port, ...(localAddress && { localAddress }) } : { path: socketPath };
  const target = { ...place, ...(onread && { onread: tap ? tapReads(onread, tap) : onread }) };
  const socket = isEncrypted(address)
    ? connectTls({ ...target, ...tlsOptions(address), ...(alpn && { ALPNProtocols: [alpn] }) }).setNoDelay(true)
    : connect({ ...target, noDelay: true });
  if (tap) tapSocket(socket, tap);
  if (tap && !onread) socket.on("data", tap.received);
  socket.setTimeout(timeoutMs, () =>
    socket.destroy(new Error(`no response from ${socketPath ?? `${host}:${port}`} within ${timeoutMs} ms`)),
  );
  socket.once(openedEvent(address), () => {
    socket.removeAllListeners("timeout").setTimeout(0);
    countSocket(socket, address, role);
  });
  return socket;
}

/** The event of a socket that has connected, over TLS after the handshake. */
function openedEvent(address: Address): "secureConnect" | "connect" {
  return isEncrypted(address) ? "secureConnect" : "connect";
}
