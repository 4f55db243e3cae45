import { handshakeUs, segmentBytes, segmentHeaderBytes, type NetworkConditions } from "../lib/network-conditions.ts";
import { DepartureQueue } from "./departure-queue.ts";
import { PathScheduler, type PathCounts, type Way } from "./path-scheduler.ts";

/** A connection on the path: it belongs to the link of a client. */
export interface LinkUser {
  client: number;
}

/**
 * What has to be done now. `open`: connect to the server. `read`: read again from where the bytes of this way come. The
 * others arrive where this way leads: bytes, the end of the stream, or the reset of the connection.
 */
export type PathEvent<C> =
  | { kind: "open" | "read" | "end" | "reset"; connection: C; way: Way }
  | { kind: "bytes"; connection: C; way: Way; bytes: Buffer };

/**
 * When what happens at one end of a TCP connection happens at the other. Pure: the clock is passed in. Streams are cut
 * into segments, each of which is a packet. None is lost or dropped: where the queue in front of a rate is full, the
 * sender has to wait. Acknowledgements and the congestion window are not emulated.
 */
export class StreamPath<C extends LinkUser> {
  private readonly packets: PathScheduler<PathEvent<C>>;
  private readonly reads = new DepartureQueue<{ connection: C; way: Way; isNew: boolean }>();
  private readonly conditions: NetworkConditions;

  constructor(conditions: NetworkConditions, seed: number) {
    this.conditions = conditions;
    this.packets = new PathScheduler({ ...conditions, lossShare: 0, queueMs: Infinity }, seed);
  }

  get counts(): PathCounts {
    return this.packets.counts;
  }

  /**
   * A client has connected. Its first bytes may be read after a round trip, as if it had waited for the answer to its
   * SYN; the acknowledgement that opens the connection at the server is on its way from then on, and they follow it.
   */
  accept(connection: C, nowUs: number): void {
    this.reads.add(nowUs + handshakeUs(this.conditions), { connection, way: "up", isNew: true });
  }

  /** Bytes of a stream. False if nothing more may be read from there until the event `read`. */
  send(connection: C, way: Way, bytes: Buffer, nowUs: number): boolean {
    for (let at = 0; at < bytes.length; at += segmentBytes) {
      const segment = bytes.subarray(at, at + segmentBytes);
      this.offer({ kind: "bytes", connection, way, bytes: segment }, segment.length, nowUs);
    }
    const tooMuchUs = this.packets.waitUs(connection.client, way, nowUs) - 1000 * this.conditions.queueMs;
    if (tooMuchUs > 0) this.reads.add(nowUs + tooMuchUs, { connection, way, isNew: false });
    return tooMuchUs <= 0;
  }

  /** The stream of this way has ended, or the connection was reset. */
  finish(kind: "end" | "reset", connection: C, way: Way, nowUs: number): void {
    this.offer({ kind, connection, way }, 0, nowUs);
  }

  /** When something has to be done next; Infinity if nothing is under way. */
  nextUs(): number {
    return Math.min(this.reads.nextUs(), this.packets.nextUs());
  }

  /** Takes what has to be done next by now, with the time at which it is due. */
  takeDue(nowUs: number): { event: PathEvent<C>; dueUs: number } | undefined {
    const dueUs = this.nextUs();
    if (dueUs > nowUs) return undefined;
    if (this.packets.nextUs() === dueUs) return { event: this.packets.takeDue(nowUs)!.packet, dueUs };
    const { connection, way, isNew } = this.reads.take();
    if (isNew) this.offer({ kind: "open", connection, way }, 0, dueUs);
    return { event: { kind: "read", connection, way }, dueUs };
  }

  private offer(event: PathEvent<C>, payloadBytes: number, nowUs: number): void {
    this.packets.offer(event, event.way, event.connection.client, payloadBytes + segmentHeaderBytes, nowUs);
  }
}
