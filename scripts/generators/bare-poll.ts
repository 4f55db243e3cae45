import { createServer, type Socket } from "node:net";
import { batchMessage } from "../../servers/protocols/batch.ts";
import { httpDate } from "../../servers/lib/http/http-date.ts";
import { listen } from "../../servers/lib/hosting/listen.ts";
import { openMessageQueue, type MessageQueue } from "../../servers/lib/http/message-queue.ts";
import type { App, Application, Connection, Options, Room, Server } from "../../scenarios/contract.ts";
import { transports } from "../../scenarios/transports.ts";
import type { Transport } from "../../scenarios/transports/transport.ts";

/*
 * What an HTTP client is measured on where our polling server would be the limit: the session protocol (see servers/lib/http/session-routes.ts) as far as
 * texts go, on `node:net`. Its answers have the headers of the real server's. It checks nothing: who does not speak as our clients
 * and the tools of this comparison do is not understood.
 */

interface Session {
  link: Connection;
  mailbox: MessageQueue;
  /** Where an ask waits for its answer. */
  asker: Socket | undefined;
}

const reasons = { 200: "OK", 201: "Created", 204: "No Content" };
const headEnd = "\r\n\r\n";
const idDigits = 16;

/** Reads of `own` `holds`: whether an ask that finds nothing waits. */
async function serve(app: App, options: Options): Promise<Server> {
  const counts = {
    payloadsIn: 0,
    payloadBytesIn: 0,
    payloadsOut: 0,
    payloadBytesOut: 0,
    pollsAnswered: 0,
    emptyPollBytes: 0,
  };
  const kept = `Connection: keep-alive\r\nKeep-Alive: timeout=${options.idleMs / 1000}`;
  const holds = options.transportOptions["holds"] === true;
  const sessions = new Map<string, Session>();
  const application: Application = app(() => {
    const connections = new Set<Connection>();
    const send: Room["send"] = (payload, text) => connections.forEach((connection) => connection.send(payload, text));
    return {
      add: (connection) => void connections.add(connection),
      delete: (connection) => void connections.delete(connection),
      send,
    };
  });

  function say(socket: Socket, status: keyof typeof reasons, type: string, body: string): void {
    const about = status === 204 ? "" : `content-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
    socket.write(`HTTP/1.1 ${status} ${reasons[status]}\r\n${about}Date: ${httpDate()}\r\n${kept}${headEnd}${body}`);
  }

  function join(): string {
    const id = String(sessions.size).padStart(idDigits, "0");
    const connection: Connection = {
      send(payload, text) {
        session.mailbox.put(batchMessage(payload, text));
        if (session.asker) answer(session, session.asker);
      },
      close: () => undefined,
    };
    const session: Session = { link: connection, mailbox: openMessageQueue(), asker: undefined };
    sessions.set(id, session);
    application.join(connection);
    return id;
  }

  function answer(session: Session, socket: Socket): void {
    const delivery = session.mailbox.take();
    session.asker = delivery || !holds ? undefined : socket;
    if (session.asker) return;
    counts.pollsAnswered++;
    if (!delivery) return say(socket, 204, "", "");
    counts.payloadsOut += delivery.newPayloads;
    counts.payloadBytesOut += delivery.newPayloadBytes;
    say(socket, 200, delivery.type, delivery.body.toString());
  }

  /** Takes one request: `target` is its path, and a query in an ask. */
  function take(socket: Socket, method: string, target: string, body: Buffer): void {
    const id = target.slice("/poll/".length, "/poll/".length + idDigits);
    const session = sessions.get(id);
    if (!session) return say(socket, 201, "text/plain; charset=utf-8", join());
    if (method === "GET") {
      session.mailbox.acknowledge(Number(target.slice(target.indexOf("=") + 1)));
      return answer(session, socket);
    }
    if (method === "POST") {
      counts.payloadsIn++;
      counts.payloadBytesIn += body.length;
      application.receive(session.link, body, true);
    }
    say(socket, 204, "", "");
  }

  /** Takes the requests that `bytes` holds; returns the rest of them. */
  function read(socket: Socket, bytes: Buffer): Buffer {
    let at = 0;
    for (;;) {
      const headAt = bytes.indexOf(headEnd, at);
      if (headAt < 0) return bytes.subarray(at);
      const head = bytes.toString("latin1", at, headAt);
      const bodyAt = headAt + headEnd.length;
      const bodyBytes = head.startsWith("POST") ? Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0) : 0;
      if (bodyAt + bodyBytes > bytes.length) return bytes.subarray(at);
      const [method, target] = head.split(" ", 2) as [string, string];
      at = bodyAt + bodyBytes;
      take(socket, method, target, bytes.subarray(bodyAt, at));
    }
  }

  const server = createServer((socket) => {
    let rest: Buffer | undefined;
    socket.on("data", (bytes: Buffer) => {
      const left = read(socket, rest ? Buffer.concat([rest, bytes]) : bytes);
      rest = left.length > 0 ? left : undefined;
    });
    socket.on("error", () => undefined);
  });
  const { addresses, wireBytes, close } = await listen(server, options);
  return { addresses, traffic: () => ({ wire: wireBytes(), ...counts }), close: () => close() };
}

export default {
  ...transports["short-poll"],
  title: "Short polls on a bare server: texts only",
  server: () => Promise.resolve({ default: serve }),
} satisfies Transport;
