import type { Interruption } from "../../results/model/measurement.ts";
import type { Schedule } from "../workload/schedule.ts";
import type { Audience } from "./missing-deliveries.ts";

/** A fault as it met one client, on the host's clock: from its beginning to its end. Plain data: it crosses a process border. */
export interface Strike {
  client: number;
  beginUs: number;
  endUs: number;
}

/** One time for which a client had no connection. Infinity is what has not happened. */
interface Outage {
  lostUs: number;
  /** The connection was open again. */
  openUs: number;
  /** The client was in its room again. */
  backUs: number;
}

/** The clients of an interruption log. */
export interface InterruptedClients {
  /** Numbers of the clients by slot. */
  numbers: ArrayLike<number>;
  schedule: Schedule;
  audience: Audience;
}

/**
 * Account of clients that a fault meets: when each had no connection, and when each measured message reached it. One
 * number for each pair of a message and a client. Times are in microseconds on the host's clock.
 */
export class InterruptionLog {
  private readonly outages: Outage[][];
  private readonly arrivalUs: Float32Array;
  private readonly clients: InterruptedClients;
  private readonly measured: number;
  private t0Us = Infinity;

  constructor(clients: InterruptedClients) {
    const { numbers, schedule } = clients;
    this.clients = clients;
    this.outages = Array.from(numbers, () => []);
    this.measured = schedule.sender.length - schedule.warmupCount;
    this.arrivalUs = new Float32Array(numbers.length * this.measured).fill(Infinity);
  }

  /** Measured messages are due from here on. */
  start(t0Us: number): void {
    this.t0Us = t0Us;
  }

  /** The first delivery of a message to the client in `slot`. Allocates nothing. */
  arrived(slot: number, message: number, atUs: number): void {
    const measured = message - this.clients.schedule.warmupCount;
    if (measured >= 0) this.arrivalUs[slot * this.measured + measured] = atUs - this.t0Us;
  }

  lost(slot: number, atUs: number): void {
    this.outages[slot]!.push({ lostUs: atUs, openUs: Infinity, backUs: Infinity });
  }

  opened(slot: number, atUs: number): void {
    const last = this.outages[slot]!.at(-1);
    if (last) last.openUs = atUs;
  }

  back(slot: number, atUs: number): void {
    const last = this.outages[slot]!.at(-1);
    if (last) last.backUs = atUs;
  }

  /** Clients that are not back in their rooms. */
  get away(): number {
    return this.outages.filter((each) => each.at(-1)?.backUs === Infinity).length;
  }

  /**
   * What each strike at a client of this log did. A message may be lost with the strike from `inFlightUs` before it on:
   * it was on its way.
   */
  outcomes(strikes: readonly Strike[], inFlightUs: number): Interruption[] {
    const slots = new Map(Array.from(this.clients.numbers, (client, slot) => [client, slot]));
    const bySlot = new Map<number, Strike[]>();
    for (const strike of strikes) {
      const slot = slots.get(strike.client);
      if (slot === undefined) continue;
      const own = bySlot.get(slot);
      if (own) own.push(strike);
      else bySlot.set(slot, [strike]);
    }
    return [...bySlot].flatMap(([slot, own]) =>
      own.map((strike, i) => this.outcomeOf(slot, strike, own[i + 1]?.beginUs ?? Infinity, inFlightUs)),
    );
  }

  private outcomeOf(slot: number, strike: Strike, nextUs: number, inFlightUs: number): Interruption {
    const { client, beginUs, endUs } = strike;
    const outages = this.outages[slot]!.filter(({ lostUs }) => lostUs >= beginUs && lostUs < nextUs);
    const [first, last] = [outages[0], outages.at(-1)];
    const backUs = last?.backUs ?? endUs;
    const [fromUs, untilUs, nextFromUs] = [beginUs - inFlightUs, Math.max(endUs, backUs), nextUs - inFlightUs];
    const found = { missed: 0, possible: 0, replayed: 0, leastMissed: 0, liveUs: NaN, caughtUpUs: NaN };
    for (const { dueUs, atUs } of this.messagesTo(slot)) {
      const came = atUs < Infinity;
      if (dueUs >= endUs && came && !(atUs - endUs >= found.liveUs)) found.liveUs = atUs - endUs;
      if (dueUs < fromUs || dueUs > untilUs || dueUs >= nextFromUs) continue;
      found.possible++;
      if (!came) found.missed++;
      if (isWhile(outages, dueUs)) found.leastMissed++;
      if (!came || dueUs >= backUs) continue;
      if (last && atUs >= last.openUs) found.replayed++;
      if (!(found.caughtUpUs >= atUs - endUs)) found.caughtUpUs = Math.max(0, atUs - endUs);
    }
    return {
      client,
      detectUs: first ? first.lostUs - beginUs : NaN,
      backUs: last && backUs < Infinity ? backUs - endUs : NaN,
      gaveUp: backUs === Infinity,
      ...found,
    };
  }

  /** The measured messages to the client in `slot`, with the times of their arrival. */
  private *messagesTo(slot: number): Generator<{ dueUs: number; atUs: number }> {
    const { schedule, audience, numbers } = this.clients;
    const room = audience.roomOf(numbers[slot]!);
    for (let measured = 0; measured < this.measured; measured++) {
      const message = measured + schedule.warmupCount;
      if (audience.audienceRoom(schedule.sender[message]!) !== room) continue;
      yield {
        dueUs: this.t0Us + schedule.dueUs[message]!,
        atUs: this.t0Us + this.arrivalUs[slot * this.measured + measured]!,
      };
    }
  }
}

/** True for a time at which a client had no connection. */
function isWhile(outages: readonly Outage[], atUs: number): boolean {
  return outages.some(({ lostUs, openUs }) => atUs >= lostUs && atUs < openUs);
}
