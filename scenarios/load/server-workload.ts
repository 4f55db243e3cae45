import type { App, Room } from "../contract.ts";
import { roomsApp } from "../definitions/apps.ts";
import type { Settings } from "../definitions/settings.ts";
import type { Absence } from "../workload/gone-client.ts";
import { planWorkload } from "../workload/plan-workload.ts";
import { trialPayloads } from "../workload/trial-payloads.ts";
import type { WindowTimes } from "./measurement-window.ts";
import { OpenLoopSender, type SendCounts } from "./sender.ts";
import { Workload } from "./workload.ts";

/** Room number of the server application as a receiver. */
const serverRoom = -1;

/**
 * The messages that the application of one server process sends and receives itself, for the rooms that this process
 * hosts. Its own cost: for each message that it receives a ledger entry, as a client has it, without an allocation; for
 * each that it sends one payload, whatever the number of receivers. It wakes by a millisecond timer and never spins,
 * since its CPU time is measured.
 */
export class ServerWorkload {
  /** The application to host. */
  readonly app: App;
  /** Messages received so far. */
  received = 0;
  private readonly workload: Workload;
  private readonly sender: OpenLoopSender;
  private readonly rooms = new Map<number, Room>();

  /** `server` is the number of this server process. */
  constructor(settings: Settings, server: number, clockErrorUs?: number) {
    const { assignment, schedule, trace } = planWorkload(settings);
    /** Room 0 stands for messages that another server process receives. */
    const audienceRoom = (sender: number): number =>
      sender < settings.clients && assignment.serverOf(sender) === server ? serverRoom : 0;
    const workload = new Workload({
      schedule,
      payloads: trialPayloads(settings, schedule, trace),
      payloadKind: settings.payloadKind,
      receivers: [serverRoom],
      audience: { allSenders: assignment.allSenders, audienceRoom, roomOf: () => serverRoom },
      clockErrorUs,
    });
    const isOwn = (sender: number): boolean =>
      sender >= settings.clients && assignment.roomOf(sender) % settings.servers === server;
    this.workload = workload;
    this.sender = new OpenLoopSender(workload, isOwn, false, (message, lagUs) => {
      const room = this.rooms.get(assignment.roomOf(schedule.sender[message]!)); // none where no client was let in
      room?.send(workload.copied(message, lagUs), workload.sendsText);
    });
    const receive = (payload: Buffer, text: boolean): void => {
      this.received++;
      workload.receive(0, payload, text);
    };
    this.app = roomsApp({
      roomOpened: (name, room) => this.rooms.set(Number(name.slice("room ".length)), room),
      received: settings.app === "ingest" ? receive : undefined,
    });
  }

  warmUp(startUs: number): void {
    this.sender.warmUp(startUs);
  }

  runWindow(times: WindowTimes): Promise<SendCounts> {
    return this.sender.runWindow(times);
  }

  tally() {
    return this.workload.tally();
  }

  missing(gone: readonly Absence[]) {
    return this.workload.missing(gone);
  }

  histograms() {
    return this.workload.histograms();
  }
}
