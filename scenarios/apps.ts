import type { App, Link, Room } from "./contract.ts";

/** Answers every message to its sender and to nobody else: robot chat. */
const echo: App = () => ({
  join: () => undefined,
  receive: (link, payload, text) => link.send(payload, text),
  leave: () => undefined,
});

/**
 * Group chat: a client's first message names its room and is answered to it alone; everything it sends from then on goes to
 * everybody in that room, itself included.
 */
const chat: App = (openRoom) => {
  const rooms = new Map<string, Room>();
  const roomOf = new Map<Link, Room>();

  function enter(link: Link, name: string): void {
    let room = rooms.get(name);
    if (!room) rooms.set(name, (room = openRoom()));
    room.add(link);
    roomOf.set(link, room);
  }

  return {
    join: () => undefined,
    receive(link, payload, text) {
      const room = roomOf.get(link);
      if (room) return room.send(payload, text);
      enter(link, payload.toString());
      link.send(payload, text);
    },
    leave: (link) => void roomOf.delete(link),
  };
};

/** Takes every message and says nothing to anybody. */
const sink: App = () => ({ join: () => undefined, receive: () => undefined, leave: () => undefined });

/** The applications a server can host, by the name that scenarios use. */
export const apps = { echo, chat, sink } satisfies Record<string, App>;
