import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import {
  pingsPerHeartbeat,
  nonceBytes,
  cookieBytes,
  datagram,
  datagramKinds,
  maxDatagramPayloadBytes,
} from "../servers/protocols/datagrams.ts";

/** How often a hello, a join or a bye is repeated within `handshakeMs` until it is answered. */
const tries = 16;

/** UDP through `node:dgram`: one datagram of 1 + payload bytes per message. Where the server falls silent for two heartbeats, the link has ended. */
export default function connect(address: Address, handler: ConnectionHandler, options: Options): Promise<Connection> {
  return new Promise((resolve, reject) => {
    let state: "joining" | "open" | "closing" | "closed" = "joining";
    const socket = createSocket({ type: "udp4", recvBufferSize: options.queueBytes });
    const join = (cookie: Buffer): Buffer => datagram(datagramKinds.join, cookie, chance);
    const chance = randomBytes(nonceBytes);
    let repeating: NodeJS.Timeout | undefined;
    let silence: NodeJS.Timeout | undefined;

    /** Says something until the next thing is said, and gives up after `handshakeMs`. */
    function insist(bytes: Buffer): void {
      let left = tries;
      clearInterval(repeating);
      repeating = setInterval(() => (left-- > 0 ? socket.send(bytes) : giveUp()), options.handshakeMs / tries);
      socket.send(bytes);
    }

    function giveUp(): void {
      const silent = `no answer from ${address.host}:${address.port} in ${options.handshakeMs} ms`;
      finish(state === "joining" ? new Error(silent) : undefined);
    }

    function finish(error?: Error): void {
      if (state === "closed") return;
      const joining = state === "joining";
      state = "closed";
      clearInterval(repeating);
      clearTimeout(silence);
      socket.close();
      if (joining) reject(error ?? new Error(`${address.host}:${address.port} does not take this client`));
      else handler.closed(error);
    }

    function enter(): void {
      if (state !== "joining") return;
      state = "open";
      clearInterval(repeating);
      const silentMs = (2 + 1 / pingsPerHeartbeat) * options.heartbeatMs;
      silence = setTimeout(() => finish(new Error("the server fell silent")), silentMs);
      resolve({ send, close });
    }

    function send(payload: Buffer, text: boolean): void {
      if (state !== "open") return;
      if (payload.length <= maxDatagramPayloadBytes)
        return socket.send(datagram(text ? datagramKinds.text : datagramKinds.binary, payload));
      socket.send(datagram(datagramKinds.leave));
      finish(new RangeError(`a datagram holds ${maxDatagramPayloadBytes} bytes at most, not ${payload.length}`));
    }

    function close(): void {
      if (state !== "open") return;
      state = "closing";
      insist(datagram(datagramKinds.leave));
    }

    function answer(): void {
      silence?.refresh();
      if (state === "open") socket.send(datagram(datagramKinds.pong));
    }

    const received: Record<number, (bytes: Buffer) => void> = {
      [datagramKinds.cookie]: (bytes) => state === "joining" && insist(join(bytes.subarray(1, 1 + cookieBytes))),
      [datagramKinds.welcome]: enter,
      [datagramKinds.text]: (bytes) => handler.receive(bytes.subarray(1), true),
      [datagramKinds.binary]: (bytes) => handler.receive(bytes.subarray(1), false),
      [datagramKinds.ping]: answer,
      [datagramKinds.closed]: () => finish(),
    };
    socket.on("message", (bytes) => received[bytes[0] ?? 0]?.(bytes));
    // A connected socket is told where nothing listens (ICMP port unreachable).
    socket.on("error", (error) => finish(error));
    socket.connect(address.port, address.host, () => insist(datagram(datagramKinds.hello, Buffer.alloc(cookieBytes))));
  });
}
