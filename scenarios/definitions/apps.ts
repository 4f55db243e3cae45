import type { App, Connection, Room } from "../contract.ts";

/** Returns every message to its sender and to nobody else. */
const echo: App = () => ({
  join: () => undefined,
  receive: (connection, payload, text) => connection.send(payload, text),
  leave: () => undefined,
});

/** Optional callbacks of an application with rooms. */
interface RoomHooks {
  /** Called when the first client enters a room. */
  roomOpened?(name: string, room: Room): void;
  /** Receives the clients' messages. Default: a message goes to everybody in its sender's room. */
  received?: ((payload: Buffer, text: boolean) => void) | undefined;
}

/**
 * An application with rooms. A client's first message names its room and is returned to that client alone. Every later
 * message goes to everybody in the room, its sender included, or to `received` if that is given.
 */
export const roomsApp =
  ({ roomOpened, received }: RoomHooks): App =>
  (openRoom) => {
    const { enter, leave, roomOf } = trackRooms(openRoom, roomOpened);
    return {
      join: () => undefined,
      receive(connection, payload, text) {
        const room = roomOf(connection);
        if (room) return received ? received(payload, text) : room.send(payload, text);
        enter(connection, payload.toString());
        connection.send(payload, text);
      },
      leave,
    };
  };

/** What separates the name of a room from a position in its history. */
export const positionMark = " @";

/**
 * Group chat that keeps the last `capacity` messages of each room. The answer to a client's first message, "room 7", has
 * the number of messages that the room has had: "room 7 @120". A client counts on from there. When it comes back with
 * its count, "room 7 @134", it gets what came after that, in the turn in which it enters: nothing twice and no gap,
 * unless the room keeps fewer messages by then.
 */
export const chatWithHistory =
  (capacity: number): App =>
  (openRoom) => {
    const histories = new Map<string, History>();
    const { enter, leave, roomOf, nameOf } = trackRooms(openRoom);
    const historyOf = (name: string): History => {
      let found = histories.get(name);
      if (!found) histories.set(name, (found = new History(capacity)));
      return found;
    };
    return {
      join: () => undefined,
      receive(connection, payload, text) {
        const room = roomOf(connection);
        if (room) {
          historyOf(nameOf(connection)!).add(payload, text);
          return room.send(payload, text);
        }
        const [name, position] = payload.toString().split(positionMark) as [string, string?];
        const history = historyOf(name);
        enter(connection, name);
        connection.send(Buffer.from(`${name}${positionMark}${history.count}`), text);
        if (position === undefined) return;
        for (const kept of history.after(Number(position))) connection.send(kept.payload, kept.text);
      },
      leave,
    };
  };

/** The last messages of a room, and how many it has had. */
class History {
  /** Messages so far. */
  count = 0;
  private readonly kept: { payload: Buffer; text: boolean }[] = [];
  private readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  add(payload: Buffer, text: boolean): void {
    this.kept[this.count++ % this.capacity] = { payload, text };
  }

  /** The messages after the first `position` ones, as far as they are kept. */
  *after(position: number): Generator<{ payload: Buffer; text: boolean }> {
    for (let at = Math.max(position, this.count - this.capacity); at < this.count; at++)
      yield this.kept[at % this.capacity]!;
  }
}

/** Group chat: a message goes to everybody in the sender's room. */
const chat = roomsApp({});

/** Upload: a message goes to the server alone. */
const ingest = roomsApp({ received: () => undefined });

/**
 * The message that moves a client to another room. No scenario sends it, since a scenario's messages begin with their
 * stamp.
 */
const roomCommand = /^room \S+$/;
const maxRoomCommandBytes = 64;

/**
 * Group chat for people. Everybody starts in one room. The message "room NAME" moves its sender to that room and is
 * returned to the sender alone, so the clients of a scenario can use this application too, in rooms of their own.
 */
const lobby: App = (openRoom) => {
  const { enter, leave, roomOf } = trackRooms(openRoom);
  return {
    join: (connection) => enter(connection, "room lobby"),
    receive(connection, payload, text) {
      const message = text && payload.length <= maxRoomCommandBytes ? payload.toString() : "";
      const room = roomOf(connection);
      if (!roomCommand.test(message)) return room?.send(payload, text);
      room?.delete(connection);
      leave(connection);
      enter(connection, message);
      connection.send(payload, text);
    },
    leave,
  };
};

/**
 * Rooms by name. A room is opened for its first client and forgotten after its last. `leave` only counts: the server
 * removes a connection that has ended from its rooms.
 */
function trackRooms(openRoom: () => Room, roomOpened?: RoomHooks["roomOpened"]) {
  interface TrackedRoom {
    name: string;
    room: Room;
    members: number;
  }
  const rooms = new Map<string, TrackedRoom>();
  const roomOfConnection = new Map<Connection, TrackedRoom>();

  return {
    enter(connection: Connection, name: string): void {
      let tracked = rooms.get(name);
      if (!tracked) {
        rooms.set(name, (tracked = { name, room: openRoom(), members: 0 }));
        roomOpened?.(name, tracked.room);
      }
      tracked.members++;
      tracked.room.add(connection);
      roomOfConnection.set(connection, tracked);
    },
    leave(connection: Connection): void {
      const tracked = roomOfConnection.get(connection);
      if (!tracked) return;
      roomOfConnection.delete(connection);
      if (--tracked.members === 0) rooms.delete(tracked.name);
    },
    roomOf: (connection: Connection): Room | undefined => roomOfConnection.get(connection)?.room,
    nameOf: (connection: Connection): string | undefined => roomOfConnection.get(connection)?.name,
  };
}

/** Receives every message and sends nothing. */
const sink: App = () => ({ join: () => undefined, receive: () => undefined, leave: () => undefined });

/** The applications that a server can host, by the name that scenarios use. */
export const apps = { echo, chat, ingest, sink } satisfies Record<string, App>;

/** An application for people, with what to type. */
interface ServedApp {
  app: App;
  title: string;
  instructions: string;
  /** The instructions for a server that is another program. */
  externalInstructions: string;
}

/** The applications that `npm run serve` hosts, by the name of the application whose scenarios can use them too. */
export const servedApps = {
  chat: {
    app: lobby,
    title: "group chat",
    instructions:
      'A message goes to everybody in the room, its sender included. To move to another room, send "room NAME".',
    externalInstructions:
      "Your first message names your room. Each later message goes to everybody in that room, its sender included.",
  },
  echo: {
    app: echo,
    title: "echo",
    instructions: "The server returns each message to its sender alone.",
    externalInstructions: "The server returns each message to its sender alone.",
  },
} satisfies Record<string, ServedApp>;
