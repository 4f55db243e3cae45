import { once } from "node:events";
import { createServer, Socket, type AddressInfo } from "node:net";
import { nowUs } from "../lib/clock.ts";
import type { NetworkConditions } from "../lib/network-conditions.ts";
import { openAlarm, type Alarm } from "./alarm.ts";
import { PathMeter } from "./path-meter.ts";
import type { Way } from "./path-scheduler.ts";
import { StreamPath, type LinkUser, type PathEvent } from "./stream-path.ts";

/** A TCP server: where a connection leads. */
export interface StreamTarget {
  host: string;
  port: number;
}

/** Events that are handled before what has arrived is read. */
const batch = 256;

/** One way of a connection. It is not read from while something holds it. */
interface Stream {
  from: Socket;
  to: Socket;
  holds: number;
  /** True until what was written there has left this process. */
  isFull: boolean;
}

/** A client's connection, and the one that the proxy opens for it. */
interface Connection extends LinkUser, Record<Way, Stream> {
  target: StreamTarget;
}

/** A TCP proxy on loopback that delays what passes as a path with these conditions would. */
export class DelayProxy {
  private readonly path: StreamPath<Connection>;
  private readonly meter = new PathMeter();
  private readonly corked = new Set<Socket>();
  private alarm: Alarm | undefined;

  constructor(conditions: NetworkConditions, seed: number) {
    this.path = new StreamPath(conditions, seed);
  }

  async open(): Promise<void> {
    this.alarm = await openAlarm(() => this.run());
  }

  /** Opens a port whose connections share the link of a client and lead to a server. */
  async listen(client: number, target: StreamTarget): Promise<number> {
    const options = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true };
    const server = createServer(options, (socket) => this.accept(socket, client, target));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }

  state() {
    return { ...this.path.counts, ...this.meter.read(), refused: 0 };
  }

  private accept(down: Socket, client: number, target: StreamTarget): void {
    const up = new Socket({ allowHalfOpen: true }).setNoDelay(true);
    const connection: Connection = {
      client,
      target,
      up: { from: down, to: up, holds: 1, isFull: false },
      down: { from: up, to: down, holds: 0, isFull: false },
    };
    this.path.accept(connection, nowUs());
    for (const way of ["up", "down"] as const) {
      const { from } = connection[way];
      from.on("data", (bytes) => {
        if (!this.path.send(connection, way, bytes, nowUs())) hold(connection[way]);
        this.wake();
      });
      from.on("end", () => this.finish("end", connection, way));
      from.on("error", () => this.finish("reset", connection, way));
    }
    this.wake();
  }

  private finish(kind: "end" | "reset", connection: Connection, way: Way): void {
    this.path.finish(kind, connection, way, nowUs());
    this.wake();
  }

  private wake(): void {
    this.alarm!.set(this.path.nextUs());
  }

  private run(): void {
    for (let i = 0; i < batch; i++) {
      const atUs = nowUs();
      const due = this.path.takeDue(atUs);
      if (!due) break;
      this.meter.left(atUs - due.dueUs);
      this.perform(due.event);
    }
    for (const socket of this.corked) socket.uncork();
    this.corked.clear();
    this.wake();
  }

  private perform(event: PathEvent<Connection>): void {
    const { connection } = event;
    const stream = connection[event.way];
    if (event.kind === "read") return release(stream);
    if (stream.to.destroyed) return;
    if (event.kind === "open") stream.to.connect(connection.target);
    else if (event.kind === "bytes") this.write(stream, event.bytes);
    else if (event.kind === "end") stream.to.end();
    else stream.to.resetAndDestroy();
  }

  private write(stream: Stream, bytes: Buffer): void {
    const { to } = stream;
    if (!this.corked.has(to)) {
      to.cork();
      this.corked.add(to);
    }
    if (to.write(bytes) || stream.isFull) return;
    stream.isFull = true;
    hold(stream);
    to.once("drain", () => {
      stream.isFull = false;
      release(stream);
    });
  }
}

function hold(stream: Stream): void {
  if (stream.holds++ === 0) stream.from.pause();
}

function release(stream: Stream): void {
  if (--stream.holds === 0) stream.from.resume();
}
