import type { DisconnectReason, Server as SocketServer } from "socket.io";
import type { Options } from "../../../scenarios/contract.ts";
import type { ServerConnection } from "../hosting/host.ts";
import type { SocketIoClient } from "./carriers.ts";

/** Milliseconds for which the library can bring a disconnected socket back: two minutes, its default, if idle ones are. */
export function recoveryMs({ idleMs }: Pick<Options, "idleMs">): number {
  return 6 * idleMs;
}

/** A guest is kept longer than the library's state, so that a socket that was brought back always finds its guest. */
const marginMs = 1_000;

/** Disconnects after which the library keeps no state: one of the two sides wanted them. */
const finalReasons: readonly string[] = [
  "client namespace disconnect",
  "server namespace disconnect",
  "parse error",
] satisfies DisconnectReason[];

/** A client of the application, and its connection there. Both last while its sockets come and go. */
export interface Guest {
  client: SocketIoClient;
  connection: ServerConnection;
}

/** What is kept of a guest without a socket. */
interface Absence {
  timer: NodeJS.Timeout;
  /** What the rooms have asked for meanwhile. */
  postponed: (() => void)[];
}

/**
 * The guests of a server with connection state recovery. A socket that the library has brought back goes on with the
 * guest of its id: the application sees neither a leave nor a join. A guest leaves when the library has forgotten the
 * socket.
 */
export class Guests {
  private readonly byId = new Map<string, Guest>();
  private readonly absences = new Map<SocketIoClient, Absence>();
  private readonly keptMs: number;
  private isClosed = false;

  /** Refuses a socket that the library has brought back after the application has closed its connection. */
  constructor(io: SocketServer, options: Options) {
    this.keptMs = recoveryMs(options) + marginMs;
    io.use((socket, next) => {
      if (socket.recovered && !this.byId.has(socket.id)) next(new Error("the connection was closed meanwhile"));
      else next();
    });
  }

  /** The guest with whom a socket goes on. Undefined for a new one. */
  resume({ socket, queuedBytes, packets }: SocketIoClient): Guest | undefined {
    const guest = this.byId.get(socket.id);
    if (!guest) return undefined;
    const absence = this.absences.get(guest.client);
    this.absences.delete(guest.client);
    clearTimeout(absence?.timer);
    Object.assign(guest.client, { socket, queuedBytes, packets } satisfies SocketIoClient);
    for (const act of absence?.postponed ?? []) act();
    return guest;
  }

  add(guest: Guest): void {
    this.byId.set(guest.client.socket.id, guest);
  }

  /** The socket of a guest has disconnected. */
  disconnected({ client, connection }: Guest, reason: string): void {
    if (this.isClosed || finalReasons.includes(reason)) {
      this.byId.delete(client.socket.id);
      return connection.leave();
    }
    const timer = setTimeout(() => this.dismiss(client), this.keptMs);
    this.absences.set(client, { timer, postponed: [] });
  }

  isAway(client: SocketIoClient): boolean {
    return this.absences.has(client);
  }

  /** Acts at once, or when the guest is back. */
  whenHere(client: SocketIoClient, act: () => void): void {
    const absence = this.absences.get(client);
    if (absence) absence.postponed.push(act);
    else act();
  }

  /** An absent guest leaves. */
  dismiss(client: SocketIoClient): void {
    clearTimeout(this.absences.get(client)?.timer);
    this.absences.delete(client);
    const { id } = client.socket;
    const guest = this.byId.get(id);
    this.byId.delete(id);
    guest?.connection.leave();
  }

  /** From now on a guest leaves when its socket disconnects. */
  close(): void {
    this.isClosed = true;
  }
}
