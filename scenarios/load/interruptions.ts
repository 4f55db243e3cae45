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
   * What each strike at a client of this log did. A message may be lost with the strike from `inFlightUs` before it on,
   * or earlier where it had not arrived: it was on its way.
   */
  outcomes(strikes: readonly Strike[], inFlightUs: number): Interruption[] {
    const slots = this.slots();
    return [...byClient(strikes)].flatMap(([client, own]) => {
      const slot = slots.get(client);
      return slot === undefined ? [] : this.spansOf(slot, own, inFlightUs).map((span) => this.outcomeOf(slot, span));
    });
  }

  /**
   * Deliveries to clients of this log that never came, although no strike at the client explains that: the sender was
   * struck. What it had said into its connection was lost for all, and what it said later may have met others away.
   */
  lostWithSenders(strikes: readonly Strike[], inFlightUs: number): number {
    const struck = byClient(strikes);
    const slots = this.slots();
    /** True for a time at which a sender spoke into a dead connection, or kept for later what it had to say. */
    const near = (client: number, atUs: number): boolean =>
      (struck.get(client) ?? []).some(({ beginUs, endUs }) => {
        const outages = this.outages[slots.get(client) ?? -1] ?? [];
        const backUs = outages.find(({ lostUs }) => lostUs >= beginUs)?.backUs ?? endUs;
        return atUs >= beginUs - inFlightUs && atUs <= Math.max(endUs, backUs) + inFlightUs;
      });
    let lost = 0;
    for (const [client, slot] of slots) {
      const spans = this.spansOf(slot, struck.get(client) ?? [], inFlightUs);
      for (const { sender, dueUs, atUs } of this.messagesTo(slot))
        if (atUs === Infinity && near(sender, dueUs) && !spans.some((span) => isIn(span, dueUs))) lost++;
    }
    return lost;
  }

  /** Slots of the clients by their numbers. */
  private slots(): Map<number, number> {
    return new Map(Array.from(this.clients.numbers, (client, slot) => [client, slot]));
  }

  /** The strikes at the client in `slot` with what they did to its connection. No message is in two of them. */
  private spansOf(slot: number, strikes: readonly Strike[], inFlightUs: number): StrikeSpan[] {
    const fromUs = strikes.map((strike) => this.beginOf(slot, strike, inFlightUs));
    return strikes.map((strike, i) => {
      const nextUs = strikes[i + 1]?.beginUs ?? Infinity;
      const outages = this.outages[slot]!.filter(({ lostUs }) => lostUs >= strike.beginUs && lostUs < nextUs);
      const heardAgainUs = (): number => (this.isDeafAfter(slot, strike, nextUs) ? Infinity : strike.endUs);
      const untilUs = Math.max(strike.endUs, outages.at(-1)?.backUs ?? heardAgainUs());
      return { strike, outages, fromUs: fromUs[i]!, untilUs, beforeUs: fromUs[i + 1] ?? Infinity };
    });
  }

  /**
   * True where a client heard something before a strike, and nothing of what was due after it. A client that noticed
   * nothing may listen for ever to a connection that the server has given up.
   */
  private isDeafAfter(slot: number, { beginUs, endUs }: Strike, nextUs: number): boolean {
    const messages = [...this.messagesTo(slot)];
    const later = messages.filter(({ dueUs }) => dueUs >= endUs && dueUs < nextUs);
    return (
      messages.some(({ atUs }) => atUs < beginUs) && later.length > 0 && later.every(({ atUs }) => atUs === Infinity)
    );
  }

  /**
   * The due time from which on a strike may have lost messages. Those that were due after the last one that had arrived
   * when it began were on their way, however long that took.
   */
  private beginOf(slot: number, { beginUs }: Strike, inFlightUs: number): number {
    let [hasArrived, firstOnItsWayUs] = [false, Infinity];
    for (const { dueUs, atUs } of this.messagesTo(slot)) {
      if (dueUs >= beginUs) break;
      if (atUs < beginUs) [hasArrived, firstOnItsWayUs] = [true, Infinity];
      else firstOnItsWayUs = Math.min(firstOnItsWayUs, dueUs);
    }
    return Math.min(beginUs - inFlightUs, hasArrived ? firstOnItsWayUs : Infinity);
  }

  private outcomeOf(slot: number, span: StrikeSpan): Interruption {
    const { strike, outages, untilUs } = span;
    const { client, beginUs, endUs } = strike;
    const [first, last] = [outages[0], outages.at(-1)];
    const backUs = last?.backUs ?? untilUs;
    const found = { missed: 0, possible: 0, replayed: 0, leastMissed: 0, liveUs: NaN, caughtUpUs: NaN };
    for (const { dueUs, atUs } of this.messagesTo(slot)) {
      const came = atUs < Infinity;
      if (dueUs >= endUs && came && !(atUs - endUs >= found.liveUs)) found.liveUs = atUs - endUs;
      if (!isIn(span, dueUs)) continue;
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
  private *messagesTo(slot: number): Generator<{ sender: number; dueUs: number; atUs: number }> {
    const { schedule, audience, numbers } = this.clients;
    const room = audience.roomOf(numbers[slot]!);
    for (let measured = 0; measured < this.measured; measured++) {
      const message = measured + schedule.warmupCount;
      const sender = schedule.sender[message]!;
      if (audience.audienceRoom(sender) !== room) continue;
      yield {
        sender,
        dueUs: this.t0Us + schedule.dueUs[message]!,
        atUs: this.t0Us + this.arrivalUs[slot * this.measured + measured]!,
      };
    }
  }
}

function byClient(strikes: readonly Strike[]): Map<number, Strike[]> {
  const found = new Map<number, Strike[]>();
  for (const strike of strikes) {
    const own = found.get(strike.client);
    if (own) own.push(strike);
    else found.set(strike.client, [strike]);
  }
  return found;
}

/** A strike at a client, the connections that it lost by it, and the due times of the messages that it may have lost. */
interface StrikeSpan {
  strike: Strike;
  outages: readonly Outage[];
  /** First and last due time, both included, and the due time from which on messages are of the next strike. */
  fromUs: number;
  untilUs: number;
  beforeUs: number;
}

function isIn({ fromUs, untilUs, beforeUs }: StrikeSpan, dueUs: number): boolean {
  return dueUs >= fromUs && dueUs <= untilUs && dueUs < beforeUs;
}

/** True for a time at which a client had no connection. */
function isWhile(outages: readonly Outage[], atUs: number): boolean {
  return outages.some(({ lostUs, openUs }) => atUs >= lostUs && atUs < openUs);
}
