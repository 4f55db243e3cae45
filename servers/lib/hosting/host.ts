import type { App, Connection, Options, Room, Traffic } from "../../../scenarios/contract.ts";
import {
  sendImmediately,
  emptyList,
  batchPerTick,
  type Recipients,
  type NativeRoom,
  type Member,
} from "./tick-batching.ts";

/** How a half moves messages: the only things in which transports differ once a client is there. */
export interface Carrier<Wire, Encoded> {
  /** Turns a message into what `push` takes: called once per message, whatever the number of its receivers. */
  encode(payload: Buffer, text: boolean): Encoded;
  /** Set where several messages can be pushed as one: then those of one turn of the event loop are. */
  join?(messages: Encoded[]): Encoded;
  /** Hands over what is for this client; false where its connection takes nothing more. */
  push(wire: Wire, encoded: Encoded): boolean;
  /** Bytes that wait for this client in this process: asked for after every push, so it has to cost next to nothing. */
  queuedBytes(wire: Wire): number;
  /** Says goodbye after what was pushed before. */
  close(wire: Wire): void;
  /** Ends the connection at once, without a goodbye. */
  drop(wire: Wire): void;
  /** Set where the library has a broadcast of its own. */
  openRoom?(): NativeRoom<Wire, Encoded>;
  /** Set where `push` only queues: then the half's shared code counts payloads out as they leave. */
  countsOut?: true;
}

/** A client as the half sees it: what arrived and that it left is told here. */
export interface ServerConnection {
  receive(payload: Buffer, text: boolean): void;
  /** To be called whenever the connection has ended; the hub is told once. */
  leave(): void;
}

/** The payload part of a server's traffic, written to as messages pass. */
export type PayloadCounts = Omit<Traffic, "wire">;

/** The application, hosted: what every half shares between its sockets and the hub. */
export interface ApplicationHost<Wire> {
  counts: PayloadCounts;
  join(wire: Wire): ServerConnection;
  /** Hands over what was sent in this turn: to be called before a client's own goodbye is answered. */
  flush(): void;
  /** Says goodbye to every client. */
  closeAll(): void;
}

/**
 * Hosts `app` on a carrier: counts payloads, tells the hub of each join and leave once, forgets those who left, and drops
 * a client for whom more than `queueBytes` wait, or who does not take a goodbye within `handshakeMs`.
 */
export function hostApplication<Wire, Encoded>(
  app: App,
  carrier: Carrier<Wire, Encoded>,
  { queueBytes, handshakeMs }: Options,
): ApplicationHost<Wire> {
  const counts: PayloadCounts = {
    payloadsIn: 0,
    payloadBytesIn: 0,
    payloadsOut: 0,
    payloadBytesOut: 0,
    pollsAnswered: 0,
    emptyPollBytes: 0,
  };
  const present = new Map<Connection, Member<Wire, Encoded>>();
  const { send, flush } = carrier.join ? batchPerTick(carrier.join, handOver) : sendImmediately(handOver);
  const application = app(openRoom);

  function handOver(to: Recipients<Wire, Encoded>, encoded: Encoded, messages: number, payloadBytes: number): void {
    const slow: Member<Wire, Encoded>[] = [];
    let receivers = 0;
    to.nativeRoom?.push(encoded);
    for (const member of to.members) {
      if (!to.nativeRoom && !carrier.push(member.socket, encoded)) continue;
      receivers++;
      if (carrier.queuedBytes(member.socket) > queueBytes) slow.push(member);
    }
    if (!carrier.countsOut) {
      counts.payloadsOut += receivers * messages;
      counts.payloadBytesOut += receivers * payloadBytes;
    }
    for (const { socket, leave } of slow) {
      carrier.drop(socket);
      leave();
    }
  }

  function openRoom(): Room {
    const room: Recipients<Wire, Encoded> = {
      members: [],
      nativeRoom: carrier.openRoom?.(),
      waiting: emptyList,
      waitingBytes: 0,
    };
    return {
      add(connection) {
        if (room.waiting.length > 0) flush();
        const member = present.get(connection);
        if (!member || member.rooms.includes(room)) return;
        member.rooms = member.rooms.concat(room);
        room.members.push(member);
        room.nativeRoom?.add(member.socket);
      },
      delete(connection) {
        if (room.waiting.length > 0) flush();
        const member = present.get(connection);
        if (member?.rooms.includes(room)) leaveRoom(member, room);
      },
      send: (payload, text) => send(room, carrier.encode(payload, text), payload.length),
    };
  }

  function addMember(wire: Wire): Member<Wire, Encoded> {
    let goodbye: NodeJS.Timeout | undefined;
    const connection: Connection = {
      send(payload, text) {
        if (member.present && !goodbye) send(member, carrier.encode(payload, text), payload.length);
      },
      close() {
        flush();
        if (goodbye || !member.present) return;
        goodbye = setTimeout(() => carrier.drop(wire), handshakeMs);
        carrier.close(wire);
      },
    };
    function leave(): void {
      if (!member.present) return;
      member.present = false;
      clearTimeout(goodbye);
      present.delete(connection);
      for (const room of member.rooms) leaveRoom(member, room);
      application.leave(connection);
    }
    const member: Member<Wire, Encoded> = {
      socket: wire,
      connection: connection,
      leave,
      present: true,
      rooms: emptyList,
      members: emptyList,
      nativeRoom: undefined,
      waiting: emptyList,
      waitingBytes: 0,
    };
    member.members = [member];
    present.set(connection, member);
    return member;
  }

  return {
    counts,
    join(wire) {
      const member = addMember(wire);
      const { connection, leave } = member;
      application.join(connection);
      return {
        receive(payload, text) {
          if (!member.present) return;
          counts.payloadsIn++;
          counts.payloadBytesIn += payload.length;
          application.receive(connection, payload, text);
        },
        leave,
      };
    },
    flush,
    closeAll() {
      for (const connection of present.keys()) connection.close();
    },
  };
}

/** Takes a seat out of a room. */
function leaveRoom<Wire, Encoded>(member: Member<Wire, Encoded>, room: Recipients<Wire, Encoded>): void {
  member.rooms = member.rooms.filter((other) => other !== room);
  room.members.splice(room.members.indexOf(member), 1);
  room.nativeRoom?.delete(member.socket);
}
