import { createServer, type Socket } from "node:net";
import { batchMessage } from "../../servers/protocols/batch.ts";
import { httpDate } from "../../servers/lib/http/http-date.ts";
import { listen } from "../../servers/lib/hosting/listen.ts";
import { openMessageQueue, type MessageQueue } from "../../servers/lib/http/message-queue.ts";
import type { App, Application, Connection, Options, Room, Server } from "../../scenarios/contract.ts";
import { transports } from "../../scenarios/transports.ts";
import type { Transport } from "../../scenarios/transports/transport.ts";

/*
 * A polling server on `node:net`, for measurements of HTTP clients that would saturate our real polling server. It
 * speaks the session protocol (see servers/lib/http/session-routes.ts) for text only, and its responses have the same
 * headers. It validates nothing: it understands only requests as our clients and the compared tools send them.
 */

interface Session {
  connection: Connection;
  queue: MessageQueue;
  /** Socket of the poll that waits for a message. */
  heldPoll: Socket | undefined;
}

const reasonPhrases = { 200: "OK", 201: "Created", 204: "No Content" };
const headEnd = "\r\n\r\n";
const idDigits = 16;

/** Reads the transport option `holds`: whether a poll that finds no message waits for one. */
async function serve(app: App, options: Options): Promise<Server> {
  const counts = {
    payloadsIn: 0,
    payloadBytesIn: 0,
    payloadsOut: 0,
    payloadBytesOut: 0,
    pollsAnswered: 0,
    emptyPollBytes: 0,
  };
  const keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${options.idleMs / 1000}`;
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

  function respond(socket: Socket, status: keyof typeof reasonPhrases, type: string, body: string): void {
    const entity = status === 204 ? "" : `content-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
    const head = `HTTP/1.1 ${status} ${reasonPhrases[status]}\r\n${entity}Date: ${httpDate()}\r\n${keepAlive}`;
    socket.write(`${head}${headEnd}${body}`);
  }

  function openSession(): string {
    const id = String(sessions.size).padStart(idDigits, "0");
    const connection: Connection = {
      send(payload, text) {
        session.queue.put(batchMessage(payload, text));
        if (session.heldPoll) respondToPoll(session, session.heldPoll);
      },
      close: () => undefined,
    };
    const session: Session = { connection, queue: openMessageQueue(), heldPoll: undefined };
    sessions.set(id, session);
    application.join(connection);
    return id;
  }

  function respondToPoll(session: Session, socket: Socket): void {
    const delivery = session.queue.take();
    session.heldPoll = delivery || !holds ? undefined : socket;
    if (session.heldPoll) return;
    counts.pollsAnswered++;
    if (!delivery) return respond(socket, 204, "", "");
    counts.payloadsOut += delivery.newPayloads;
    counts.payloadBytesOut += delivery.newPayloadBytes;
    respond(socket, 200, delivery.type, delivery.body.toString());
  }

  /** Handles one request. `target` is its path, with a query in a poll. */
  function handleRequest(socket: Socket, method: string, target: string, body: Buffer): void {
    const id = target.slice("/poll/".length, "/poll/".length + idDigits);
    const session = sessions.get(id);
    if (!session) return respond(socket, 201, "text/plain; charset=utf-8", openSession());
    if (method === "GET") {
      session.queue.acknowledge(Number(target.slice(target.indexOf("=") + 1)));
      return respondToPoll(session, socket);
    }
    if (method === "POST") {
      counts.payloadsIn++;
      counts.payloadBytesIn += body.length;
      application.receive(session.connection, body, true);
    }
    respond(socket, 204, "", "");
  }

  /** Handles the complete requests in `bytes`. Returns the bytes after them. */
  function handleBytes(socket: Socket, bytes: Buffer): Buffer {
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
      handleRequest(socket, method, target, bytes.subarray(bodyAt, at));
    }
  }

  const server = createServer((socket) => {
    let incomplete: Buffer | undefined;
    socket.on("data", (bytes: Buffer) => {
      const rest = handleBytes(socket, incomplete ? Buffer.concat([incomplete, bytes]) : bytes);
      incomplete = rest.length > 0 ? rest : undefined;
    });
    socket.on("error", () => undefined);
  });
  const { addresses, wireBytes, close } = await listen(server, options);
  return { addresses, traffic: () => ({ wire: wireBytes(), ...counts }), close: () => close() };
}

export default {
  ...transports["short-poll"],
  title: "Short polling on a bare server, text only",
  server: () => Promise.resolve({ default: serve }),
} satisfies Transport;
