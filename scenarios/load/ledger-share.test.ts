import * as fc from "fast-check";
import { expect, it } from "vitest";
import { scenarios } from "../scenarios.ts";
import { resolveSettings } from "../definitions/settings.ts";
import { createPayloads } from "../workload/payloads.ts";
import { planWorkload } from "../workload/plan-workload.ts";
import type { Schedule } from "../workload/schedule.ts";
import { workerShareOf } from "../workload/worker-share.ts";
import { mergeLargest } from "../runner/per-second.ts";
import { Workload } from "./workload.ts";
import type { Audience } from "./missing-deliveries.ts";

const chat = resolveSettings("chat-100", scenarios["chat-100"], {
  ratePerS: 30,
  payloadBytes: 24,
  warmupMs: 1_000,
  durationMs: 1_000,
});
const content = createPayloads(24, "text", chat.seed);

const anyTrial = fc.record({
  clients: fc.integer({ min: 1, max: 24 }),
  rooms: fc.nat(),
  senders: fc.nat(),
  workers: fc.integer({ min: 1, max: 4 }),
  seed: fc.nat(1_000),
  /** Deliveries: slot, message, and how late. Some come twice, to the wrong receiver, or too early. */
  events: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: -5, max: 2_000_000 })), { maxLength: 40 }),
});

it("the ledger of a share finds the same as one that knows the whole schedule", () =>
  fc.assert(
    fc.property(anyTrial, ({ clients, rooms, senders, events, ...rest }) => {
      const settings = { ...chat, ...rest, clients, rooms: 1 + (rooms % clients), senders: 1 + (senders % clients) };
      const plan = planWorkload(settings);
      const { assignment, schedule } = plan;
      for (const [worker, receivers] of assignment.clientsByWorker.entries()) {
        const share = workerShareOf(settings, plan, worker);
        const open = (messages: Schedule, audience: Audience) => {
          const workload = new Workload({
            schedule: messages,
            payloads: content,
            payloadKind: "text",
            receivers,
            audience,
          });
          workload.startWarmUp(-1e6);
          workload.scheduleWindow({ t0Us: 0, t1Us: 1e6 });
          return workload;
        };
        const [whole, own] = [open(schedule, assignment), open(share.schedule, share.audience)];
        for (const [anySlot, anyMessage, lateUs] of receivers.length > 0 ? events : []) {
          const [slot, message] = [anySlot % receivers.length, anyMessage % schedule.sender.length];
          const payload = content.make(schedule.sender[message]!, schedule.seq[message]!, 3);
          const atUs = schedule.dueUs[message]! - (message < schedule.warmupCount ? 1e6 : 0) + lateUs;
          for (const each of [whole, own]) each.receive(slot, payload, true, atUs);
        }
        const gone = receivers.slice(0, 2).map((client) => ({ client, atUs: 400_000 }));
        const ended = receivers.map((client, slot) => ({ slot, client, endUs: 900_000 }));
        const findings = (each: Workload) => ({
          tally: each.tally(),
          watched: each.watched(),
          missing: [each.missing([]), each.missing(gone)],
          last: each.lastMessages(ended),
          largest: [...mergeLargest([each.histograms()], schedule.sender.length - schedule.warmupCount)],
          latency: each.histograms().latency,
        });
        expect(findings(own)).toEqual(findings(whole));
      }
    }),
    { numRuns: 20 },
  ));
