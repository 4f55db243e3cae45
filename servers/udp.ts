import { createHmac, randomBytes } from "node:crypto";
import type { App, Options, Server, Traffic } from "../scenarios/contract.ts";
import { listenUdp, sendDatagram, type UdpPeer } from "./lib/udp/sockets.ts";
import {
  pingsPerHeartbeat,
  nonceBytes,
  cookieBytes,
  datagram,
  datagramKinds,
  maxDatagramPayloadBytes,
} from "./protocols/datagrams.ts";
import { hostApplication, type ServerConnection } from "./lib/hosting/host.ts";

/** A client that has joined. */
interface Session {
  peer: UdpPeer;
  nonce: Buffer;
  connection?: ServerConnection;
  /** Pings since the client last answered one. */
  unanswered: number;
}

const kindsThatNeedSession: ReadonlySet<number> = new Set([
  datagramKinds.text,
  datagramKinds.binary,
  datagramKinds.pong,
  datagramKinds.leave,
]);

/**
 * UDP (RFC 768), one socket for all clients of an address: one datagram of 1 + payload bytes per message.
 * servers/protocols/datagrams.ts describes the protocol. The counted bytes are the payloads of datagrams, without the
 * 28 bytes of IPv4 and UDP headers of each. A message is lost when more than `queueBytes` wait to be sent, or when the
 * kernel cannot keep it until it is read.
 */
export default async function serve(app: App, options: Options): Promise<Server> {
  const sessions = new Map<string, Session>();
  const secret = randomBytes(32);

  function end({ peer, connection }: Session): void {
    if (!sessions.delete(peer.key)) return;
    sendDatagram(datagram(datagramKinds.closed), peer);
    connection?.leave();
  }

  const { counts, join, closeAll } = hostApplication<Session, Buffer>(
    app,
    {
      encode: (payload, text) => datagram(text ? datagramKinds.text : datagramKinds.binary, payload),
      push({ peer }, bytes) {
        const { socket } = peer.socket;
        if (bytes.length > 1 + maxDatagramPayloadBytes || socket.getSendQueueSize() > options.queueBytes) return false;
        sendDatagram(bytes, peer);
        return true;
      },
      queuedBytes: () => 0,
      close: end,
      drop: end,
    },
    options,
  );

  const cookieFor = (key: string): Buffer => createHmac("sha256", secret).update(key).digest().subarray(0, cookieBytes);

  function handleJoin(peer: UdpPeer, bytes: Buffer): void {
    const { key } = peer;
    const previous = sessions.get(key);
    const nonce = Buffer.from(bytes.subarray(1 + cookieBytes));
    if (bytes.length !== 1 + cookieBytes + nonceBytes || !cookieFor(key).equals(bytes.subarray(1, 1 + cookieBytes)))
      return sendDatagram(datagram(datagramKinds.closed), peer);
    if (previous?.nonce.equals(nonce)) return sendDatagram(datagram(datagramKinds.welcome), peer);
    const session: Session = { peer, nonce, unanswered: 0 };
    sessions.set(key, session);
    previous?.connection?.leave(); // without a datagram: another client has its address now
    sendDatagram(datagram(datagramKinds.welcome), peer);
    session.connection = join(session);
  }

  function receive(session: Session, bytes: Buffer): void {
    const payload = bytes.subarray(1);
    if (bytes[0] === datagramKinds.pong) session.unanswered = 0;
    else if (bytes[0] === datagramKinds.leave || payload.length > options.maxPayloadBytes) end(session);
    else session.connection?.receive(payload, bytes[0] === datagramKinds.text);
  }

  const listener = await listenUdp(options, (bytes, peer) => {
    const kind = bytes[0] ?? 0;
    if (kind === datagramKinds.hello && bytes.length === 1 + cookieBytes)
      sendDatagram(datagram(datagramKinds.cookie, cookieFor(peer.key)), peer);
    else if (kind === datagramKinds.join) handleJoin(peer, bytes);
    else if (kindsThatNeedSession.has(kind)) {
      const session = sessions.get(peer.key);
      if (session) receive(session, bytes);
      else sendDatagram(datagram(datagramKinds.closed), peer);
    }
  });

  let ticks = 0;
  const heartbeat = setInterval(() => {
    const due = ticks++ % pingsPerHeartbeat === 0;
    for (const session of sessions.values()) {
      if (session.unanswered === pingsPerHeartbeat) end(session);
      else if (due || session.unanswered > 0) {
        session.unanswered++;
        sendDatagram(datagram(datagramKinds.ping), session.peer);
      }
    }
  }, options.heartbeatMs / pingsPerHeartbeat);

  const nothing = { in: 0, out: 0 };
  return {
    addresses: listener.addresses,
    traffic: (): Traffic => ({ wire: { up: nothing, down: nothing, duplex: listener.wireBytes() }, ...counts }),
    async close() {
      clearInterval(heartbeat);
      closeAll();
      await listener.close();
    },
  };
}
