/*
 * A transport outside this project: one module in plain JavaScript that needs only Node. Copy it, then change it:
 *
 *     npm run conformance -- ./path/to/module.js
 *     npm run bench -- --scenario chat-100 --transports ./path/to/module.js
 *
 * scenarios/contract.ts defines what each part must do. The protocol of this example is TCP. A message is its payload's
 * length in decimal digits, "t" for text or "b" for binary, and the payload: "5thello".
 */
import { once } from "node:events";
import { connect as dial, createServer } from "node:net";

/** One message as bytes. */
function frame(payload, text) {
  return Buffer.concat([Buffer.from(`${payload.length}${text ? "t" : "b"}`), payload]);
}

/**
 * A function that takes the chunks of a stream and calls `receive` for each complete message. If the bytes are not a
 * message, or the message is too large, it calls `refuse` and ignores the rest of the stream.
 */
function createReader(maxPayloadBytes, receive, refuse) {
  let buffered = Buffer.alloc(0);
  let refused = false;

  /** The next message, an Error if the bytes are not a message, or undefined if it is not complete. */
  function nextMessage() {
    const [header, digits, kind] = /^([0-9]{0,9})(.?)/s.exec(buffered.toString("latin1", 0, 10));
    if (kind === "") return undefined;
    if (digits === "" || !"tb".includes(kind)) return new Error("received bytes that are not a message");
    const length = Number(digits);
    if (length > maxPayloadBytes) return new RangeError(`received a message of ${length} bytes, which is too large`);
    const end = header.length + length;
    if (buffered.length < end) return undefined;
    const message = { payload: buffered.subarray(header.length, end), text: kind === "t" };
    buffered = buffered.subarray(end);
    return message;
  }

  return function read(chunk) {
    if (refused) return;
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
    for (let message = nextMessage(); message !== undefined; message = nextMessage()) {
      if (message instanceof Error) {
        refused = true;
        refuse(message);
        return;
      }
      receive(message.payload, message.text);
    }
  };
}

async function serve(app, options) {
  /** The open connections. */
  const connections = new Set();
  /** Bytes of the sockets that have closed. */
  const closedBytes = { in: 0, out: 0 };
  const counts = {
    payloadsIn: 0,
    payloadBytesIn: 0,
    payloadsOut: 0,
    payloadBytesOut: 0,
    pollsAnswered: 0,
    emptyPollBytes: 0,
  };

  /** Writes one framed message. Drops a client that does not read. */
  function write(socket, bytes, payloadBytes) {
    if (!socket.writable) return;
    socket.write(bytes);
    counts.payloadsOut++;
    counts.payloadBytesOut += payloadBytes;
    if (socket.writableLength > options.queueBytes) socket.destroy();
  }

  function openRoom() {
    const members = new Set();
    return {
      add: (connection) => void members.add(connection),
      delete: (connection) => void members.delete(connection),
      send(payload, text) {
        const bytes = frame(payload, text); // once, for all members
        for (const connection of members) {
          if (connections.has(connection)) write(connection.socket, bytes, payload.length);
          else members.delete(connection);
        }
      },
    };
  }

  const application = app(openRoom);

  function accept(socket) {
    socket.setNoDelay(true).setKeepAlive(true, options.heartbeatMs);
    const connection = {
      socket,
      send: (payload, text) => write(socket, frame(payload, text), payload.length),
      close() {
        socket.end();
        setTimeout(() => socket.destroy(), options.handshakeMs).unref();
      },
    };
    connections.add(connection);
    application.join(connection);
    function receive(payload, text) {
      counts.payloadsIn++;
      counts.payloadBytesIn += payload.length;
      application.receive(connection, payload, text);
    }
    socket.on(
      "data",
      createReader(options.maxPayloadBytes, receive, () => socket.destroy()),
    );
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => {
      closedBytes.in += socket.bytesRead;
      closedBytes.out += socket.bytesWritten;
      connections.delete(connection);
      application.leave(connection);
    });
  }

  const hosts = [options.host, ...(options.additionalHosts ?? [])];
  const servers = await Promise.all(
    hosts.map(async (host) => {
      const server = createServer(accept);
      server.listen({ host, port: options.port, backlog: 4096 });
      await once(server, "listening");
      return server;
    }),
  );

  return {
    addresses: servers.map((server) => ({ host: server.address().address, port: server.address().port })),
    traffic() {
      const duplex = { ...closedBytes };
      for (const { socket } of connections) {
        duplex.in += socket.bytesRead;
        duplex.out += socket.bytesWritten;
      }
      return { wire: { up: { in: 0, out: 0 }, down: { in: 0, out: 0 }, duplex }, ...counts };
    },
    async close() {
      const closed = servers.map((server) => new Promise((resolve) => void server.close(() => resolve())));
      for (const connection of connections) connection.close();
      const timer = setTimeout(() => connections.forEach(({ socket }) => socket.destroy()), 500);
      await Promise.all(closed);
      clearTimeout(timer);
    },
  };
}

async function connect({ host, port }, handler, options) {
  const socket = dial({ host, port, noDelay: true });
  const giveUp = () => socket.destroy(new Error(`${host}:${port} did not accept within ${options.handshakeMs} ms`));
  const timer = setTimeout(giveUp, options.handshakeMs);
  await once(socket, "connect").finally(() => clearTimeout(timer));
  let failure;
  socket.on(
    "data",
    createReader(
      options.maxPayloadBytes,
      (payload, text) => handler.receive(payload, text),
      (error) => socket.destroy(error),
    ),
  );
  socket.on("error", (error) => (failure = error));
  socket.on("close", () => handler.closed(failure));
  return {
    send(payload, text) {
      if (socket.writable) socket.write(frame(payload, text));
    },
    close: () => void socket.end(),
  };
}

/** @type {import("../../../scenarios/transports/transport.ts").Transport} */
export default {
  title: "TCP, each message after its length in digits",
  clientLibrary: "node:net",
  encodings: { text: 'length, "t" and bytes', binary: 'length, "b" and bytes' },
  socketsPerClient: 1,
  idlePeriodOption: "none", // an idle connection carries nothing but the kernel's keep-alive probes
  server: async () => ({ default: serve }),
  client: async () => ({ default: connect }),
  noTlsReason: "TLS needs a certificate, which Node cannot create",
  options: {},
  guarantees: {},
};
