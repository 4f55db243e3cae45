import { createHmac, randomBytes } from "node:crypto";
import type { App, Options, Server, Traffic } from "../scenarios/contract.ts";
import { listenUdp, sendDatagram, type UdpPeer } from "./lib/udp/sockets.ts";
import {
  pingsPerHeartbeat,
  chanceBytes,
  cookieBytes,
  datagram,
  datagramKinds,
  maxDatagramPayloadBytes,
} from "./protocols/datagrams.ts";
import { hostApplication, type ServerConnection } from "./lib/hosting/host.ts";

/** A client that has joined. */
interface Session {
  from: UdpPeer;
  chance: Buffer;
  guest?: ServerConnection;
  /** Pings since it last answered one. */
  unanswered: number;
}

/**
 * UDP (RFC 768), one socket for all clients of an address: one datagram of 1 + payload bytes per message, as servers/protocols/datagrams.ts says. What is
 * counted is the payloads of datagrams; the 28 bytes of IPv4 and UDP headers of each are not. What would make more than `queueBytes` wait to be
 * sent is lost, as is what the kernel cannot keep until it is read.
 */
export default async function serve(app: App, options: Options): Promise<Server> {
  const sessions = new Map<string, Session>();
  const secret = randomBytes(32);

  function end({ from, guest: connection }: Session): void {
    if (!sessions.delete(from.key)) return;
    sendDatagram(datagram(datagramKinds.gone), from);
    connection?.leave();
  }

  const { counts, join, closeAll } = hostApplication<Session, Buffer>(
    app,
    {
      encode: (payload, text) => datagram(text ? datagramKinds.text : datagramKinds.binary, payload),
      push({ from }, bytes) {
        const { socket } = from.socket;
        if (bytes.length > 1 + maxDatagramPayloadBytes || socket.getSendQueueSize() > options.queueBytes) return false;
        sendDatagram(bytes, from);
        return true;
      },
      queuedBytes: () => 0,
      close: end,
      drop: end,
    },
    options,
  );

  const cookieFor = (key: string): Buffer => createHmac("sha256", secret).update(key).digest().subarray(0, cookieBytes);

  function enter(from: UdpPeer, bytes: Buffer): void {
    const { key } = from;
    const known = sessions.get(key);
    const chance = Buffer.from(bytes.subarray(1 + cookieBytes));
    if (bytes.length !== 1 + cookieBytes + chanceBytes || !cookieFor(key).equals(bytes.subarray(1, 1 + cookieBytes)))
      return sendDatagram(datagram(datagramKinds.gone), from);
    if (known?.chance.equals(chance)) return sendDatagram(datagram(datagramKinds.welcome), from);
    const session: Session = { from, chance, unanswered: 0 };
    sessions.set(key, session);
    known?.guest?.leave(); // whom it would be of no use to tell: somebody else is at its address
    sendDatagram(datagram(datagramKinds.welcome), from);
    session.guest = join(session);
  }

  function receive(session: Session, bytes: Buffer): void {
    const payload = bytes.subarray(1);
    if (bytes[0] === datagramKinds.pong) session.unanswered = 0;
    else if (bytes[0] === datagramKinds.bye || payload.length > options.maxPayloadBytes) end(session);
    else session.guest?.receive(payload, bytes[0] === datagramKinds.text);
  }

  const forMembers = new Set([datagramKinds.text, datagramKinds.binary, datagramKinds.pong, datagramKinds.bye]);
  const listener = await listenUdp(options, (bytes, from) => {
    const kind = bytes[0] ?? 0;
    if (kind === datagramKinds.hello && bytes.length === 1 + cookieBytes)
      sendDatagram(datagram(datagramKinds.cookie, cookieFor(from.key)), from);
    else if (kind === datagramKinds.join) enter(from, bytes);
    else if (forMembers.has(kind)) {
      const session = sessions.get(from.key);
      if (session) receive(session, bytes);
      else sendDatagram(datagram(datagramKinds.gone), from);
    }
  });

  let polls = 0;
  const heartbeat = setInterval(() => {
    const due = polls++ % pingsPerHeartbeat === 0;
    for (const session of sessions.values()) {
      if (session.unanswered === pingsPerHeartbeat) end(session);
      else if (due || session.unanswered > 0) {
        session.unanswered++;
        sendDatagram(datagram(datagramKinds.ping), session.from);
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
