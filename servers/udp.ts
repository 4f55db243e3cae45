import { createHmac, randomBytes } from "node:crypto";
import type { App, Options, Server, Traffic } from "../scenarios/contract.ts";
import { listenDatagrams, say, type Caller } from "./lib/udp/sockets.ts";
import {
  asksPerHeartbeat,
  chanceBytes,
  cookieBytes,
  datagram,
  kinds,
  largestPayloadBytes,
} from "./protocols/datagrams.ts";
import { host, type Guest } from "./lib/hosting/host.ts";

/** A client that has joined. */
interface Session {
  from: Caller;
  chance: Buffer;
  guest?: Guest;
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

  function end({ from, guest }: Session): void {
    if (!sessions.delete(from.key)) return;
    say(datagram(kinds.gone), from);
    guest?.leave();
  }

  const { counts, join, closeAll } = host<Session, Buffer>(
    app,
    {
      encode: (payload, text) => datagram(text ? kinds.text : kinds.binary, payload),
      push({ from }, bytes) {
        const { socket } = from.door;
        if (bytes.length > 1 + largestPayloadBytes || socket.getSendQueueSize() > options.queueBytes) return false;
        say(bytes, from);
        return true;
      },
      queuedBytes: () => 0,
      close: end,
      drop: end,
    },
    options,
  );

  const cookieFor = (key: string): Buffer => createHmac("sha256", secret).update(key).digest().subarray(0, cookieBytes);

  function enter(from: Caller, bytes: Buffer): void {
    const { key } = from;
    const known = sessions.get(key);
    const chance = Buffer.from(bytes.subarray(1 + cookieBytes));
    if (bytes.length !== 1 + cookieBytes + chanceBytes || !cookieFor(key).equals(bytes.subarray(1, 1 + cookieBytes)))
      return say(datagram(kinds.gone), from);
    if (known?.chance.equals(chance)) return say(datagram(kinds.welcome), from);
    const session: Session = { from, chance, unanswered: 0 };
    sessions.set(key, session);
    known?.guest?.leave(); // whom it would be of no use to tell: somebody else is at its address
    say(datagram(kinds.welcome), from);
    session.guest = join(session);
  }

  function hear(session: Session, bytes: Buffer): void {
    const payload = bytes.subarray(1);
    if (bytes[0] === kinds.pong) session.unanswered = 0;
    else if (bytes[0] === kinds.bye || payload.length > options.maxPayloadBytes) end(session);
    else session.guest?.receive(payload, bytes[0] === kinds.text);
  }

  const forMembers = new Set([kinds.text, kinds.binary, kinds.pong, kinds.bye]);
  const listener = await listenDatagrams(options, (bytes, from) => {
    const kind = bytes[0] ?? 0;
    if (kind === kinds.hello && bytes.length === 1 + cookieBytes)
      say(datagram(kinds.cookie, cookieFor(from.key)), from);
    else if (kind === kinds.join) enter(from, bytes);
    else if (forMembers.has(kind)) {
      const session = sessions.get(from.key);
      if (session) hear(session, bytes);
      else say(datagram(kinds.gone), from);
    }
  });

  let asks = 0;
  const heartbeat = setInterval(() => {
    const due = asks++ % asksPerHeartbeat === 0;
    for (const session of sessions.values()) {
      if (session.unanswered === asksPerHeartbeat) end(session);
      else if (due || session.unanswered > 0) {
        session.unanswered++;
        say(datagram(kinds.ping), session.from);
      }
    }
  }, options.heartbeatMs / asksPerHeartbeat);

  const nothing = { in: 0, out: 0 };
  return {
    addresses: listener.addresses,
    traffic: (): Traffic => ({ wire: { up: nothing, down: nothing, duplex: listener.bytes() }, ...counts }),
    async close() {
      clearInterval(heartbeat);
      closeAll();
      await listener.close();
    },
  };
}
