import type { Connection, Room } from "../../../scenarios/contract.ts";
import type { Carrier, NativeRoom } from "./carrier.ts";
import { emptyList, type Recipients, type SendQueue } from "./tick-batching.ts";

/** Values shared by all members and rooms of one server. */
export interface MemberContext<Client, Encoded> {
  carrier: Carrier<Client, Encoded>;
  queue: SendQueue<Client, Encoded>;
  /** Milliseconds that a client has to complete a close. */
  handshakeMs: number;
  /** Called once, when a member has left. */
  onLeave(member: Member<Client, Encoded>): void;
}

/**
 * One client of the application: the connection that the application sends on, and recipients of which it is the only
 * one.
 */
export class Member<Client, Encoded> implements Connection, Recipients<Client, Encoded> {
  readonly client: Client;
  readonly members: Member<Client, Encoded>[];
  readonly nativeRoom: undefined;
  waiting: Encoded[] = emptyList;
  waitingBytes = 0;
  rooms: HostedRoom<Client, Encoded>[] = emptyList;
  /** False once the connection has ended. */
  present = true;
  /**
   * Drops the client when it has not completed the close in time. Set once the application has closed the connection.
   */
  private closeTimer: NodeJS.Timeout | undefined;
  private readonly context: MemberContext<Client, Encoded>;

  constructor(client: Client, context: MemberContext<Client, Encoded>) {
    this.client = client;
    this.context = context;
    this.members = [this];
  }

  send(payload: Buffer, text: boolean): void {
    if (!this.present || this.closeTimer) return;
    const { carrier, queue } = this.context;
    queue.send(this, carrier.encode(payload, text), payload.length);
  }

  close(): void {
    const { carrier, queue, handshakeMs } = this.context;
    queue.flush();
    if (this.closeTimer || !this.present) return;
    this.closeTimer = setTimeout(() => carrier.drop(this.client), handshakeMs);
    carrier.close(this.client);
  }

  /** The connection has ended. Calling it again does nothing. */
  leave(): void {
    if (!this.present) return;
    this.present = false;
    clearTimeout(this.closeTimer);
    for (const room of this.rooms) room.remove(this);
    this.context.onLeave(this);
  }
}

/** A room that a server has opened for its application. */
export class HostedRoom<Client, Encoded> implements Room, Recipients<Client, Encoded> {
  readonly members: Member<Client, Encoded>[] = [];
  readonly nativeRoom: NativeRoom<Client, Encoded> | undefined;
  waiting: Encoded[] = emptyList;
  waitingBytes = 0;
  private readonly context: MemberContext<Client, Encoded>;

  constructor(context: MemberContext<Client, Encoded>) {
    this.context = context;
    this.nativeRoom = context.carrier.openRoom?.();
  }

  add(connection: Connection): void {
    this.flush();
    if (!(connection instanceof Member) || !connection.present || connection.rooms.includes(this)) return;
    connection.rooms = connection.rooms.concat(this);
    this.members.push(connection);
    this.nativeRoom?.add(connection.client);
  }

  delete(connection: Connection): void {
    this.flush();
    if (connection instanceof Member && connection.rooms.includes(this)) this.remove(connection);
  }

  send(payload: Buffer, text: boolean): void {
    const { carrier, queue } = this.context;
    queue.send(this, carrier.encode(payload, text), payload.length);
  }

  /** Removes a member that is in this room. */
  remove(member: Member<Client, Encoded>): void {
    member.rooms = member.rooms.filter((other) => other !== this);
    this.members.splice(this.members.indexOf(member), 1);
    this.nativeRoom?.delete(member.client);
  }

  /** Pushes what was sent to this room: it is for the members of that moment, and they are about to change. */
  private flush(): void {
    if (this.waiting.length > 0) this.context.queue.flush();
  }
}
