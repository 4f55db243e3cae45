import { serialisationUs, type NetworkConditions } from "../lib/network-conditions.ts";
import { seededRandom } from "../lib/random.ts";
import { DepartureQueue } from "./departure-queue.ts";

/** The way of a packet: `down` to the client, `up` to the servers. */
export type Way = "down" | "up";

/** Packets of a path, both ways together. `offered` is the sum of what was passed on, lost, dropped and still waits. */
export interface PathCounts {
  offered: number;
  /** Lost by the drawn probability. */
  lost: number;
  /** Dropped since they would have waited too long in front of the rate. */
  dropped: number;
  /** Clients whose packets were seen. */
  links: number;
}

/** One way of a client's link. */
interface LinkWay {
  random: () => number;
  /** When the link has sent what it accepted. */
  freeUs: number;
  /** Departure of the packet before. */
  lastUs: number;
}

/** A packet that may be passed on now. */
export interface Departure<P> {
  packet: P;
  way: Way;
  dueUs: number;
}

/**
 * When each packet leaves the path. Pure: the clock is passed in, and draws follow from the seed: the nth packet of a
 * client in one way has the same draws in every run.
 */
export class PathScheduler<P> {
  readonly counts: PathCounts = { offered: 0, lost: 0, dropped: 0, links: 0 };
  private readonly links = new Map<number, Record<Way, LinkWay>>();
  private readonly departures = new DepartureQueue<{ packet: P; way: Way }>();
  private readonly conditions: NetworkConditions;
  private readonly seed: number;

  constructor(conditions: NetworkConditions, seed: number) {
    this.conditions = conditions;
    this.seed = seed;
  }

  /** Accepts a packet of a client, or not: false if it is lost or dropped. */
  offer(packet: P, way: Way, client: number, bytes: number, nowUs: number): boolean {
    const { rttMs, jitterMs, lossShare, rate, queueMs } = this.conditions;
    const link = this.link(client)[way];
    const [lossDraw, jitterDraw] = [link.random(), link.random()];
    this.counts.offered++;
    if (lossDraw < lossShare) {
      this.counts.lost++;
      return false;
    }
    const startUs = Math.max(nowUs, link.freeUs);
    if (startUs - nowUs > 1000 * queueMs) {
      this.counts.dropped++;
      return false;
    }
    link.freeUs = startUs + serialisationUs(bytes, way === "down" ? rate?.downBitsPerS : rate?.upBitsPerS);
    const delayUs = 500 * rttMs + 1000 * jitterMs * (jitterDraw - 0.5);
    link.lastUs = Math.max(link.lastUs, link.freeUs + delayUs);
    this.departures.add(link.lastUs, { packet, way });
    return true;
  }

  /** Microseconds that the next packet of a client would wait in front of the rate. */
  waitUs(client: number, way: Way, nowUs: number): number {
    return Math.max(0, this.link(client)[way].freeUs - nowUs);
  }

  /** When the next packet leaves; Infinity if none is on the path. */
  nextUs(): number {
    return this.departures.nextUs();
  }

  /** Takes the next packet that has to leave by now. */
  takeDue(nowUs: number): Departure<P> | undefined {
    const dueUs = this.departures.nextUs();
    return dueUs > nowUs ? undefined : { ...this.departures.take(), dueUs };
  }

  private link(client: number): Record<Way, LinkWay> {
    const known = this.links.get(client);
    if (known) return known;
    const wayOf = (number: number): LinkWay => ({
      random: seededRandom((Math.imul(this.seed, 0x9e3779b1) ^ Math.imul(2 * client + number, 0x85ebca6b)) | 0),
      freeUs: 0,
      lastUs: 0,
    });
    const link = { down: wayOf(0), up: wayOf(1) };
    this.links.set(client, link);
    this.counts.links++;
    return link;
  }
}
