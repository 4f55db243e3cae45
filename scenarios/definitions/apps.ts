import type { App, Connection, Room } from "../contract.ts";

/** Answers every message to its sender and to nobody else: robot chat. */
const echo: App = () => ({
  join: () => undefined,
  receive: (connection, payload, text) => connection.send(payload, text),
  leave: () => undefined,
});

/** What may be done with rooms beside chatting in them. */
interface RoomHooks {
  /** Told of each room when its first client enters. */
  roomOpened?(name: string, room: Room): void;
  /** Given what clients say in place of the others in their rooms. */
  received?: ((payload: Buffer, text: boolean) => void) | undefined;
}

/**
 * Rooms: a client's first message names its own and is answered to it alone; everything it sends from then on goes to
 * everybody in that room, itself included, or to the hub where that is what hears.
 */
export const roomsApp =
  ({ roomOpened, received }: RoomHooks): App =>
  (openRoom) => {
    const { enter, leave, roomOf } = keepRooms(openRoom, roomOpened);
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

/** Group chat: everybody in a room hears what one of them says. */
const chat = roomsApp({});

/** Reports to the hub: nobody else hears what a client says. */
const ingest = roomsApp({ received: () => undefined });

/** What takes a client to another room; no message of a scenario does, since those begin with their stamp. */
const entrance = /^room \S+$/;
const mostEntranceBytes = 64;

/**
 * Group chat as people join it: everybody is in one room from the start, and what one says goes to all in its room.
 * Saying "room NAME" takes one to another and is answered to it alone, so that the clients of the scenarios can be
 * served as well, out of the others' way.
 */
const lobby: App = (openRoom) => {
  const { enter, leave, roomOf } = keepRooms(openRoom);
  return {
    join: (connection) => enter(connection, "room lobby"),
    receive(connection, payload, text) {
      const said = text && payload.length <= mostEntranceBytes ? payload.toString() : "";
      const room = roomOf(connection);
      if (!entrance.test(said)) return room?.send(payload, text);
      room?.delete(connection);
      leave(connection);
      enter(connection, said);
      connection.send(payload, text);
    },
    leave,
  };
};

/**
 * Rooms by name, opened for the first who enters and forgotten with the last. The server takes out of its rooms who has
 * left it.
 */
function keepRooms(openRoom: () => Room, opened?: RoomHooks["roomOpened"]) {
  interface Kept {
    name: string;
    room: Room;
    members: number;
  }
  const rooms = new Map<string, Kept>();
  const keptOf = new Map<Connection, Kept>();

  return {
    enter(connection: Connection, name: string): void {
      let kept = rooms.get(name);
      if (!kept) {
        rooms.set(name, (kept = { name, room: openRoom(), members: 0 }));
        opened?.(name, kept.room);
      }
      kept.members++;
      kept.room.add(connection);
      keptOf.set(connection, kept);
    },
    leave(connection: Connection): void {
      const kept = keptOf.get(connection);
      if (!kept) return;
      keptOf.delete(connection);
      if (--kept.members === 0) rooms.delete(kept.name);
    },
    roomOf: (connection: Connection): Room | undefined => keptOf.get(connection)?.room,
  };
}

/** Takes every message and says nothing to anybody. */
const sink: App = () => ({ join: () => undefined, receive: () => undefined, leave: () => undefined });

/** The applications a server can host, by the name that scenarios use. */
export const apps = { echo, chat, ingest, sink } satisfies Record<string, App>;

/**
 * What `npm run serve` can host, by the name of the application of a scenario that its clients can be driven with.
 * `saysElsewhere` is how one speaks to it where the server is another program.
 */
export const servedApps = {
  chat: {
    app: lobby,
    title: "group chat",
    says: 'What one says goes to everybody in the room, the speaker included. To go to another room, say "room NAME".',
    saysElsewhere:
      "What you say first names your room; what one says then goes to everybody in it, the speaker included.",
  },
  echo: {
    app: echo,
    title: "robot chat",
    says: "Whatever you say is the answer, to you and to nobody else.",
    saysElsewhere: "Whatever you say is the answer, to you and to nobody else.",
  },
} satisfies Record<string, { app: App; title: string; says: string; saysElsewhere: string }>;
