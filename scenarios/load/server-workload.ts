import { arrivalUs } from "../lib/clock.ts";
import { groups } from "../definitions/apps.ts";
import { contentFor } from "../workload/trial-payloads.ts";
import type { App, Room } from "../contract.ts";
import { openLedger, type Tally, type Window } from "./delivery-ledger.ts";
import { linesOf, type Sent } from "./sender.ts";
import { cast, plan } from "../workload/plan.ts";
import { openRecorder, type Values } from "./recorder.ts";
import type { Settings } from "../definitions/settings.ts";
import { traceOf } from "../definitions/trace.ts";

/** What the hub of one server process says and hears of itself, for the rooms that it hosts. */
export interface HubPart {
  app: App;
  warmUp(startUs: number): void;
  play(times: { t0Us: number; t1Us: number }): Promise<Sent>;
  /** What it has heard, and of that every message that was sound, warm-up included. */
  tally(): Tally;
  heard(): number;
  values(): Values;
}

/** Whether a hub of these settings says or hears anything of itself. Where it does not, its process knows nothing of the plan. */
export function takesPart({ app, speakers = "clients" }: Pick<Settings, "app" | "speakers">): boolean {
  return app === "report" || speakers !== "clients";
}

/**
 * The part of server process `server`. Its own work: for each message that it hears, a ledger's entry, as a client has it (its stamp
 * read, its text compared, two histogram values recorded), without an allocation; for each that it says, one payload, whatever the number
 * of receivers. It wakes by a millisecond timer and never spins, since
 * its CPU time is what is measured.
 */
export function hubPart(settings: Settings, server: number): HubPart {
  const trace = traceOf(settings);
  const scene = cast(settings, trace);
  const script = plan(settings, scene.senders, scene.voices, trace);
  const content = contentFor(settings, script, trace);
  const asText = settings.payloadKind === "text";
  const window: Window = { startUs: Infinity, t0Us: Infinity, t1Us: Infinity };
  const recorder = openRecorder(script);
  /** The one receiver is in the room -1, where those are heard whom the hub hears; those of other servers are heard elsewhere. */
  const heardIn = (speaker: number): number =>
    speaker < settings.clients && scene.serverOf(speaker) === server ? -1 : 0;
  const ledger = openLedger(
    [-1],
    { speakers: scene.speakers, heardIn, roomOf: () => -1 },
    script,
    content,
    window,
    recorder.onDelivery,
  );
  let entered = 0;
  const rooms = new Map<number, Room>();
  const voice = (speaker: number): boolean =>
    speaker >= settings.clients && scene.roomOf(speaker) % settings.servers === server;
  const lines = linesOf(voice, script, scene, window, recorder, false, (message, lagUs) => {
    const speaker = script.sender[message]!;
    rooms.get(scene.roomOf(speaker))!.send(content.make(speaker, script.seq[message]!, lagUs), asText);
  });

  return {
    app: groups({
      opened: (name, room) => rooms.set(Number(name.slice("room ".length)), room),
      heard:
        settings.app === "report"
          ? (payload, text) => {
              entered++;
              ledger.enter(0, payload, text, arrivalUs());
            }
          : undefined,
    }),
    warmUp(startUs) {
      window.startUs = startUs;
      lines.warmUp();
    },
    play({ t0Us, t1Us }) {
      window.t0Us = t0Us;
      window.t1Us = t1Us;
      return lines.play();
    },
    tally: ledger.tally,
    heard: () => entered,
    values: recorder.values,
  };
}
