import type { Server as SocketServer, Socket } from "socket.io";
import type { Carrier, NativeRoom } from "../hosting/carrier.ts";
import type { Guests } from "./guests.ts";
import type { QueuedPackets } from "./queued-packets.ts";

/** A payload as Socket.IO takes it: a string for text, a buffer for binary. */
type EventPayload = string | Buffer;

/** One client of a Socket.IO server. */
export interface SocketIoClient {
  socket: Socket;
  queuedBytes(): number;
  /** Set where the client may poll. */
  packets: QueuedPackets | undefined;
}

/** Carries messages as the event "chat" to clients that use WebSocket only. Rooms are Socket.IO's own. */
export function webSocketCarrier(io: SocketServer): Carrier<SocketIoClient, EventPayload> {
  let roomsOpened = 0;
  return {
    encode: (payload, text) => (text ? payload.toString() : payload),
    push: ({ socket }, message) => socket.connected && socket.emit("chat", message),
    queuedBytes: ({ queuedBytes }) => queuedBytes(),
    close: ({ socket }) => void socket.disconnect(true),
    drop: ({ socket }) => socket.request.socket.destroy(),
    openRoom() {
      const name = `room-${roomsOpened++}`;
      return {
        add: ({ socket }) => void socket.join(name),
        delete: ({ socket }) => void socket.leave(name),
        push: (message) => void io.to(name).emit("chat", message),
      };
    },
  };
}

/**
 * Carries messages to guests, some of whom are away. The library keeps what is sent to a room, or to a socket that has
 * disconnected, and sends it when the socket is back.
 */
export function guestCarrier(
  base: Carrier<SocketIoClient, EventPayload>,
  guests: Guests,
): Carrier<SocketIoClient, EventPayload> {
  return {
    ...base,
    push: (client, message) =>
      guests.isAway(client) ? client.socket.emit("chat", message) : base.push(client, message),
    close: (client) => (guests.isAway(client) ? guests.dismiss(client) : base.close(client)),
    drop(client) {
      if (guests.isAway(client)) return guests.dismiss(client);
      client.socket.disconnect(); // so that the library forgets it
      base.drop(client);
    },
    openRoom() {
      const room = base.openRoom!();
      return {
        add: (client) => guests.whenHere(client, () => room.add(client)),
        delete: (client) => guests.whenHere(client, () => room.delete(client)),
        push: (message) => room.push(message),
      };
    },
  };
}

/**
 * Carries messages to clients that may poll. Payloads are counted when their packets leave; `destroySession` ends all
 * connections of a session.
 */
export function pollingCarrier(
  io: SocketServer,
  destroySession: (id: string) => void,
): Carrier<SocketIoClient, EventPayload> {
  const base = webSocketCarrier(io);
  return {
    ...base,
    push({ socket, packets }, message) {
      if (!socket.connected) return false;
      packets?.expect(Buffer.byteLength(message));
      return socket.emit("chat", message);
    },
    drop({ socket }) {
      destroySession(socket.conn["id"]);
      socket.conn.close(true);
    },
    openRoom: () => countedRoom(base.openRoom!()),
    countsPayloadsOut: true,
  };
}

/** Announces each broadcast to the packet queue of every member. */
function countedRoom(room: NativeRoom<SocketIoClient, EventPayload>): NativeRoom<SocketIoClient, EventPayload> {
  const members = new Set<SocketIoClient>();
  return {
    add(client) {
      members.add(client);
      room.add(client);
    },
    delete(client) {
      members.delete(client);
      room.delete(client);
    },
    push(message) {
      const payloadBytes = Buffer.byteLength(message);
      for (const { packets } of members) packets?.expect(payloadBytes);
      room.push(message);
    },
  };
}
