import { arrivalUs } from "../lib/clock.ts";
import { roomsApp } from "../definitions/apps.ts";
import { trialPayloads } from "../workload/trial-payloads.ts";
import type { App, Room } from "../contract.ts";
import { openLedger, type MeasurementWindow } from "./delivery-ledger.ts";
import { createSender, type SendCounts } from "./sender.ts";
import { planSchedule } from "../workload/schedule.ts";
import { openRecorder, type Histograms } from "./recorder.ts";
import type { Settings } from "../definitions/settings.ts";
import { loadTrace } from "../definitions/trace.ts";
import { type DeliveryTally } from "../../results/model/measurement.ts";
import { assignClients } from "../workload/assignment.ts";

/** What the hub of one server process says and hears of itself, for the rooms that it hosts. */
export interface ServerWorkload {
  app: App;
  warmUp(startUs: number): void;
  runWindow(times: { t0Us: number; t1Us: number }): Promise<SendCounts>;
  /** What it has heard, and of that every message that was sound, warm-up included. */
  tally(): DeliveryTally;
  received(): number;
  histograms(): Histograms;
}

/**
 * The part of server process `server`. Its own work: for each message that it hears, a ledger's entry, as a client has it (its stamp
 * read, its text compared, two histogram values recorded), without an allocation; for each that it says, one payload, whatever the number
 * of receivers. It wakes by a millisecond timer and never spins, since
 * its CPU time is what is measured.
 */
export function startServerWorkload(settings: Settings, server: number): ServerWorkload {
  const trace = loadTrace(settings);
  const assignment = assignClients(settings, trace);
  const schedule = planSchedule(settings, assignment.senders, assignment.serverSenders, trace);
  const content = trialPayloads(settings, schedule, trace);
  const asText = settings.payloadKind === "text";
  const window: MeasurementWindow = { startUs: Infinity, t0Us: Infinity, t1Us: Infinity };
  const recorder = openRecorder(schedule);
  /** The one receiver is in the room -1, where those are heard whom the server receives; those of other servers are heard elsewhere. */
  const audienceRoom = (sender: number): number =>
    sender < settings.clients && assignment.serverOf(sender) === server ? -1 : 0;
  const ledger = openLedger(
    [-1],
    { allSenders: assignment.allSenders, audienceRoom: audienceRoom, roomOf: () => -1 },
    schedule,
    content,
    window,
    recorder.onDelivery,
  );
  let entered = 0;
  const rooms = new Map<number, Room>();
  const isServerSender = (sender: number): boolean =>
    sender >= settings.clients && assignment.roomOf(sender) % settings.servers === server;
  const lines = createSender(isServerSender, schedule, assignment, window, recorder, false, (message, lagUs) => {
    const sender = schedule.sender[message]!;
    rooms.get(assignment.roomOf(sender))!.send(content.make(sender, schedule.seq[message]!, lagUs), asText);
  });

  return {
    app: roomsApp({
      roomOpened: (name, room) => rooms.set(Number(name.slice("room ".length)), room),
      received:
        settings.app === "ingest"
          ? (payload, text) => {
              entered++;
              ledger.recordDelivery(0, payload, text, arrivalUs());
            }
          : undefined,
    }),
    warmUp(startUs) {
      window.startUs = startUs;
      lines.warmUp();
    },
    runWindow({ t0Us, t1Us }) {
      window.t0Us = t0Us;
      window.t1Us = t1Us;
      return lines.runWindow();
    },
    tally: ledger.tally,
    received: () => entered,
    histograms: recorder.histograms,
  };
}
