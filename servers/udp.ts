import { createHmac, randomBytes } from "node:crypto";
import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { App, Options, Server, Traffic } from "../scenarios/contract.ts";
import { asksPerHeartbeat, chanceBytes, cookieBytes, datagram, kinds, largestPayloadBytes } from "./lib/datagrams.ts";
import { host, type Guest } from "./lib/host.ts";
import { cannotListen } from "./lib/listen.ts";

/** A client that has joined. */
interface Session {
  key: string;
  from: RemoteInfo;
  chance: Buffer;
  guest?: Guest;
  /** Pings since it last answered one. */
  unanswered: number;
}

/**
 * UDP (RFC 768), one socket for all clients: one datagram of 1 + payload bytes per message, as servers/lib/datagrams.ts says. What is counted is
 * the payloads of datagrams; the 28 bytes of IPv4 and UDP headers of each are not. The kernel is asked to keep up to `queueBytes` that arrive
 * and could not be read yet; what does not fit there, or would make more than that wait to be sent, is lost.
 */
export default async function serve(app: App, options: Options): Promise<Server> {
  // An address is sent to as it is: by default each datagram would wait a turn for a name to be looked up.
  const socket = createSocket({
    type: "udp4",
    recvBufferSize: options.queueBytes,
    lookup: (address, _options, callback) => callback(null, address, 4),
  });
  const duplex = { in: 0, out: 0 };
  const sessions = new Map<string, Session>();
  const secret = randomBytes(32);

  function say(bytes: Buffer, { port, address }: RemoteInfo): void {
    duplex.out += bytes.length;
    socket.send(bytes, port, address);
  }

  function end({ key, from, guest }: Session): void {
    if (!sessions.delete(key)) return;
    say(datagram(kinds.gone), from);
    guest?.leave();
  }

  const { counts, join, closeAll } = host<Session, Buffer>(
    app,
    {
      encode: (payload, text) => datagram(text ? kinds.text : kinds.binary, payload),
      push({ from }, bytes) {
        if (bytes.length > 1 + largestPayloadBytes || socket.getSendQueueSize() > options.queueBytes) return;
        counts.payloadsOut++;
        counts.payloadBytesOut += bytes.length - 1;
        say(bytes, from);
      },
      queuedBytes: () => 0,
      close: end,
      drop: end,
      countsOut: true,
    },
    options,
  );

  const cookieFor = (key: string): Buffer => createHmac("sha256", secret).update(key).digest().subarray(0, cookieBytes);

  function enter(key: string, from: RemoteInfo, bytes: Buffer): void {
    const known = sessions.get(key);
    const chance = Buffer.from(bytes.subarray(1 + cookieBytes));
    if (bytes.length !== 1 + cookieBytes + chanceBytes || !cookieFor(key).equals(bytes.subarray(1, 1 + cookieBytes)))
      return say(datagram(kinds.gone), from);
    if (known?.chance.equals(chance)) return say(datagram(kinds.welcome), from);
    const session: Session = { key, from, chance, unanswered: 0 };
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
  socket.on("message", (bytes, from) => {
    duplex.in += bytes.length;
    const key = `${from.address}:${from.port}`;
    const kind = bytes[0] ?? 0;
    if (kind === kinds.hello && bytes.length === 1 + cookieBytes) say(datagram(kinds.cookie, cookieFor(key)), from);
    else if (kind === kinds.join) enter(key, from, bytes);
    else if (forMembers.has(kind)) {
      const session = sessions.get(key);
      if (session) hear(session, bytes);
      else say(datagram(kinds.gone), from);
    }
  });

  await new Promise<void>((resolve, reject) => {
    socket.once("error", (error) => reject(cannotListen(error, options)));
    socket.bind({ port: options.port, address: options.host }, resolve);
  });
  socket.on("error", () => undefined); // what could not be sent is lost

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

  const { address, port } = socket.address();
  const nothing = { in: 0, out: 0 };
  return {
    addresses: [{ host: address, port, protocol: "udp" }],
    traffic: (): Traffic => ({ wire: { up: nothing, down: nothing, duplex: { ...duplex } }, ...counts }),
    async close() {
      clearInterval(heartbeat);
      closeAll();
      const enough = performance.now() + 500;
      while (socket.getSendQueueCount() > 0 && performance.now() < enough) await delay(5);
      socket.close();
      await once(socket, "close");
    },
  };
}
