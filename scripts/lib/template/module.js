/*
 * A transport that is kept elsewhere: one module in plain JavaScript that needs nothing of this project. Copy it and make it yours:
 *
 *     npm run conformance -- ./path/to/module.js
 *     npm run bench -- --scenario chat-100 --transports ./path/to/module.js
 *
 * What each part has to do is said in scenarios/contract.ts. Each message here is its length in digits, "t" for text or "b" for binary, and
 * the payload: "5thello".
 */
import { connect as dial, createServer } from "node:net";

function netstring(payload, asText) {
  return Buffer.concat([Buffer.from(`${payload.length}${asText ? "t" : "b"}`), payload]);
}

/** Takes the stream in whatever pieces it comes. Calls `refuse` where that is no message, or one too large. */
function reader(maxPayloadBytes, receive, refuse) {
  let held = Buffer.alloc(0);

  /** The next message, where all of it is there. Throws where there is none. */
  function next() {
    const [head, digits, kind] = /^([0-9]{0,9})(.?)/s.exec(held.toString("latin1", 0, 10));
    if (kind === "") return undefined;
    if (digits === "" || !"tb".includes(kind)) throw new Error("what came is no message");
    if (Number(digits) > maxPayloadBytes) throw new RangeError(`a message of ${digits} bytes is too large`);
    const end = head.length + Number(digits);
    if (held.length < end) return undefined;
    const message = { payload: held.subarray(head.length, end), asText: kind === "t" };
    held = held.subarray(end);
    return message;
  }

  function readNext() {
    try {
      return next();
    } catch (error) {
      held = Buffer.alloc(0);
      refuse(error);
      return undefined;
    }
  }

  return function read(chunk) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (let message = readNext(); message; message = readNext()) receive(message.payload, message.asText);
  };
}

async function serve(app, options) {
  const sockets = new Set();
  const connections = new Set();
  const gone = { in: 0, out: 0 };
  const counts = {
    payloadsIn: 0,
    payloadBytesIn: 0,
    payloadsOut: 0,
    payloadBytesOut: 0,
    pollsAnswered: 0,
    emptyPollBytes: 0,
  };

  function openRoom() {
    const members = new Set();
    return {
      add: (connection) => void members.add(connection),
      delete: (connection) => void members.delete(connection),
      send(payload, asText) {
        const bytes = netstring(payload, asText);
        for (const connection of members) if (!connection.push(bytes, payload.length)) members.delete(connection);
      },
    };
  }

  const application = app(openRoom);

  function welcome(socket) {
    sockets.add(socket);
    socket.setNoDelay(true).setKeepAlive(true, options.heartbeatMs);
    const connection = {
      push(bytes, payloadBytes) {
        if (!socket.writable) return false;
        socket.write(bytes);
        counts.payloadsOut++;
        counts.payloadBytesOut += payloadBytes;
        if (socket.writableLength > options.queueBytes) socket.destroy();
        return true;
      },
      send: (payload, asText) => void connection.push(netstring(payload, asText), payload.length),
      close() {
        socket.end();
        setTimeout(() => socket.destroy(), options.handshakeMs).unref();
      },
    };
    connections.add(connection);
    application.join(connection);
    function receive(payload, asText) {
      counts.payloadsIn++;
      counts.payloadBytesIn += payload.length;
      application.receive(connection, payload, asText);
    }
    socket.on(
      "data",
      reader(options.maxPayloadBytes, receive, () => socket.destroy()),
    );
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => {
      gone.in += socket.bytesRead;
      gone.out += socket.bytesWritten;
      sockets.delete(socket);
      connections.delete(connection);
      application.leave(connection);
    });
  }

  const servers = await Promise.all(
    [options.host, ...(options.alsoAt ?? [])].map(
      (host) =>
        new Promise((resolve, reject) => {
          const server = createServer(welcome).once("error", reject);
          server.listen({ host, port: options.port, backlog: 4096 }, () => resolve(server));
        }),
    ),
  );

  return {
    addresses: servers.map((server) => ({ host: server.address().address, port: server.address().port })),
    traffic() {
      const duplex = { ...gone };
      for (const socket of sockets) {
        duplex.in += socket.bytesRead;
        duplex.out += socket.bytesWritten;
      }
      return { wire: { up: { in: 0, out: 0 }, down: { in: 0, out: 0 }, duplex }, ...counts };
    },
    async close() {
      const closed = servers.map((server) => new Promise((resolve) => void server.close(() => resolve())));
      for (const connection of connections) connection.close();
      const late = setTimeout(() => sockets.forEach((socket) => socket.destroy()), 500);
      await Promise.all(closed);
      clearTimeout(late);
    },
  };
}

async function connect({ host, port }, handler, options) {
  const socket = dial({ host, port, noDelay: true });
  let failure;
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve).once("error", reject);
    socket.setTimeout(options.handshakeMs, () => socket.destroy(new Error(`no answer from ${host}:${port}`)));
  });
  socket.removeAllListeners("timeout").setTimeout(0);
  socket.on(
    "data",
    reader(
      options.maxPayloadBytes,
      (payload, text) => handler.receive(payload, text),
      (error) => socket.destroy(error),
    ),
  );
  socket.on("error", (error) => (failure = error));
  socket.on("close", () => handler.closed(failure));
  return {
    send(payload, asText) {
      if (socket.writable) socket.write(netstring(payload, asText));
    },
    close: () => void socket.end(),
  };
}

/** @type {import("../../../scenarios/transports/transport.ts").Transport} */
export default {
  title: "TCP, each message with its length in front of it",
  clientLibrary: "node:net",
  encodings: { text: 'digits, "t" and bytes', binary: 'digits, "b" and bytes' },
  socketsPerClient: 1,
  idlePeriodOption: "none", // nothing goes on when nobody says anything, but the kernel's keep-alive
  server: async () => ({ default: serve }),
  client: async () => ({ default: connect }),
  noTlsReason: "it makes no certificate, which takes more than Node brings",
  options: {},
  guarantees: {},
};
