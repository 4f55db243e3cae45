import type { App, Link, Options, Room, Traffic } from "../../scenarios/contract.ts";

/** How a half moves messages: the only things in which transports differ once a client is there. */
export interface Carrier<Wire, Encoded> {
  /** Turns a message into what `push` takes: called once per message, whatever the number of its receivers. */
  encode(payload: Buffer, text: boolean): Encoded;
  push(wire: Wire, encoded: Encoded): void;
  /** Bytes that wait for this client in this process. */
  queuedBytes(wire: Wire): number;
  /** Says goodbye after what was pushed before. */
  close(wire: Wire): void;
  /** Ends the connection at once, without a goodbye. */
  drop(wire: Wire): void;
  /** The library's own broadcast, where it has one that is better than pushing to each. */
  openRoom?(): { add(wire: Wire): void; delete(wire: Wire): void; push(encoded: Encoded): void };
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
  /** Says goodbye to every client. */
  closeAll(): void;
}

/** One client's place: the link its hub knows, and what ends it. */
interface Seat<Wire> {
  link: Link;
  wire: Wire;
  leave(): void;
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
  const counts: Counts = { payloadsIn: 0, payloadBytesIn: 0, payloadsOut: 0, payloadBytesOut: 0, exchanges: 0 };
  const seats = new Map<Link, Seat<Wire>>();
  const rooms = new Set<Room>();
  const hub = app(openRoom);

  function countOut(receivers: number, payloadBytes: number): void {
    if (carrier.countsOut) return;
    counts.payloadsOut += receivers;
    counts.payloadBytesOut += receivers * payloadBytes;
  }

  function dropIfSlow(seat: Seat<Wire>): void {
    if (carrier.queuedBytes(seat.wire) <= queueBytes) return;
    carrier.drop(seat.wire);
    seat.leave();
  }

  function openRoom(): Room {
    const members = new Map<Link, Seat<Wire>>();
    const own = carrier.openRoom?.();
    const room: Room = {
      add(link) {
        const seat = seats.get(link);
        if (!seat || members.has(link)) return;
        members.set(link, seat);
        own?.add(seat.wire);
      },
      delete(link) {
        const seat = members.get(link);
        if (!seat) return;
        members.delete(link);
        own?.delete(seat.wire);
      },
      send(payload, text) {
        const encoded = carrier.encode(payload, text);
        countOut(members.size, payload.length);
        own?.push(encoded);
        for (const seat of members.values()) {
          if (!own) carrier.push(seat.wire, encoded);
          dropIfSlow(seat);
        }
      },
    };
    rooms.add(room);
    return room;
  }

  function takeSeat(wire: Wire): Seat<Wire> {
    let goodbye: NodeJS.Timeout | undefined;
    const link: Link = {
      send(payload, text) {
        if (!seats.has(link)) return;
        countOut(1, payload.length);
        carrier.push(wire, carrier.encode(payload, text));
        dropIfSlow(seat);
      },
      close() {
        if (goodbye || !seats.has(link)) return;
        goodbye = setTimeout(() => carrier.drop(wire), handshakeMs);
        carrier.close(wire);
      },
    };
    function leave(): void {
      if (!seats.delete(link)) return;
      clearTimeout(goodbye);
      for (const room of rooms) room.delete(link);
      hub.leave(link);
    }
    const seat: Seat<Wire> = { link, wire, leave };
    seats.set(link, seat);
    return seat;
  }

  return {
    counts,
    join(wire) {
      const { link, leave } = takeSeat(wire);
      hub.join(link);
      return {
        receive(payload, text) {
          if (!seats.has(link)) return;
          counts.payloadsIn++;
          counts.payloadBytesIn += payload.length;
          hub.receive(link, payload, text);
        },
        leave,
      };
    },
    closeAll() {
      for (const link of seats.keys()) link.close();
    },
  };
}
