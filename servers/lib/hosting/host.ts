import type { App, Link, Options, Room, Traffic } from "../../../scenarios/contract.ts";
import { atOnce, none, turns, type Audience, type Broadcast, type Seat } from "./tick-batching.ts";

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
  openRoom?(): Broadcast<Wire, Encoded>;
  /** Set where `push` only queues: then the half's shared code counts payloads out as they leave. */
  countsOut?: true;
}

/** A client as the half sees it: what arrived and that it left is told here. */
export interface Guest {
  receive(payload: Buffer, text: boolean): void;
  /** To be called whenever the connection has ended; the hub is told once. */
  leave(): void;
}

/** The payload part of a server's traffic, written to as messages pass. */
export type Counts = Omit<Traffic, "wire">;

/** The application, hosted: what every half shares between its sockets and the hub. */
export interface Host<Wire> {
  counts: Counts;
  join(wire: Wire): Guest;
  /** Hands over what was sent in this turn: to be called before a client's own goodbye is answered. */
  flush(): void;
  /** Says goodbye to every client. */
  closeAll(): void;
}

/**
 * Hosts `app` on a carrier: counts payloads, tells the hub of each join and leave once, forgets those who left, and drops
 * a client for whom more than `queueBytes` wait, or who does not take a goodbye within `handshakeMs`.
 */
export function host<Wire, Encoded>(
  app: App,
  carrier: Carrier<Wire, Encoded>,
  { queueBytes, handshakeMs }: Options,
): Host<Wire> {
  const counts: Counts = {
    payloadsIn: 0,
    payloadBytesIn: 0,
    payloadsOut: 0,
    payloadBytesOut: 0,
    exchanges: 0,
    emptyBytes: 0,
  };
  const present = new Map<Link, Seat<Wire, Encoded>>();
  const { send, flush } = carrier.join ? turns(carrier.join, handOver) : atOnce(handOver);
  const hub = app(openRoom);

  function handOver(to: Audience<Wire, Encoded>, encoded: Encoded, messages: number, payloadBytes: number): void {
    const slow: Seat<Wire, Encoded>[] = [];
    let receivers = 0;
    to.own?.push(encoded);
    for (const seat of to.seats) {
      if (!to.own && !carrier.push(seat.wire, encoded)) continue;
      receivers++;
      if (carrier.queuedBytes(seat.wire) > queueBytes) slow.push(seat);
    }
    if (!carrier.countsOut) {
      counts.payloadsOut += receivers * messages;
      counts.payloadBytesOut += receivers * payloadBytes;
    }
    for (const { wire, leave } of slow) {
      carrier.drop(wire);
      leave();
    }
  }

  function openRoom(): Room {
    const room: Audience<Wire, Encoded> = { seats: [], own: carrier.openRoom?.(), waiting: none, waitingBytes: 0 };
    return {
      add(link) {
        if (room.waiting.length > 0) flush();
        const seat = present.get(link);
        if (!seat || seat.rooms.includes(room)) return;
        seat.rooms = seat.rooms.concat(room);
        room.seats.push(seat);
        room.own?.add(seat.wire);
      },
      delete(link) {
        if (room.waiting.length > 0) flush();
        const seat = present.get(link);
        if (seat?.rooms.includes(room)) part(seat, room);
      },
      send: (payload, text) => send(room, carrier.encode(payload, text), payload.length),
    };
  }

  function takeSeat(wire: Wire): Seat<Wire, Encoded> {
    let goodbye: NodeJS.Timeout | undefined;
    const link: Link = {
      send(payload, text) {
        if (seat.present && !goodbye) send(seat, carrier.encode(payload, text), payload.length);
      },
      close() {
        flush();
        if (goodbye || !seat.present) return;
        goodbye = setTimeout(() => carrier.drop(wire), handshakeMs);
        carrier.close(wire);
      },
    };
    function leave(): void {
      if (!seat.present) return;
      seat.present = false;
      clearTimeout(goodbye);
      present.delete(link);
      for (const room of seat.rooms) part(seat, room);
      hub.leave(link);
    }
    const seat: Seat<Wire, Encoded> = {
      wire,
      link,
      leave,
      present: true,
      rooms: none,
      seats: none,
      own: undefined,
      waiting: none,
      waitingBytes: 0,
    };
    seat.seats = [seat];
    present.set(link, seat);
    return seat;
  }

  return {
    counts,
    join(wire) {
      const seat = takeSeat(wire);
      const { link, leave } = seat;
      hub.join(link);
      return {
        receive(payload, text) {
          if (!seat.present) return;
          counts.payloadsIn++;
          counts.payloadBytesIn += payload.length;
          hub.receive(link, payload, text);
        },
        leave,
      };
    },
    flush,
    closeAll() {
      for (const link of present.keys()) link.close();
    },
  };
}

/** Takes a seat out of a room. */
function part<Wire, Encoded>(seat: Seat<Wire, Encoded>, room: Audience<Wire, Encoded>): void {
  seat.rooms = seat.rooms.filter((other) => other !== room);
  room.seats.splice(room.seats.indexOf(seat), 1);
  room.own?.delete(seat.wire);
}
