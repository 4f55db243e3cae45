import type { App, Link, Room } from "./contract.ts";

/** Answers every message to its sender and to nobody else: robot chat. */
const echo: App = () => ({
  join: () => undefined,
  receive: (link, payload, text) => link.send(payload, text),
  leave: () => undefined,
});

/** What may be done with rooms beside chatting in them. */
interface Extras {
  /** Told of each room when its first client enters. */
  opened?(name: string, room: Room): void;
  /** Given what clients say in place of the others in their rooms. */
  heard?: ((payload: Buffer, text: boolean) => void) | undefined;
}

/**
 * Rooms: a client's first message names its own and is answered to it alone; everything it sends from then on goes to everybody in that
 * room, itself included, or to the hub where that is what hears.
 */
export const groups =
  ({ opened, heard }: Extras): App =>
  (openRoom) => {
    const rooms = new Map<string, Room>();
    const roomOf = new Map<Link, Room>();

    function enter(link: Link, name: string): void {
      let room = rooms.get(name);
      if (!room) {
        rooms.set(name, (room = openRoom()));
        opened?.(name, room);
      }
      room.add(link);
      roomOf.set(link, room);
    }

    return {
      join: () => undefined,
      receive(link, payload, text) {
        const room = roomOf.get(link);
        if (room) return heard ? heard(payload, text) : room.send(payload, text);
        enter(link, payload.toString());
        link.send(payload, text);
      },
      leave: (link) => void roomOf.delete(link),
    };
  };

/** Group chat: everybody in a room hears what one of them says. */
const chat = groups({});

/** Reports to the hub: nobody else hears what a client says. */
const report = groups({ heard: () => undefined });

/** Takes every message and says nothing to anybody. */
const sink: App = () => ({ join: () => undefined, receive: () => undefined, leave: () => undefined });

/** The applications a server can host, by the name that scenarios use. */
export const apps = { echo, chat, report, sink } satisfies Record<string, App>;
