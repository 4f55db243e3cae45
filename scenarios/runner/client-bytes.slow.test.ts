import { afterEach, expect, it } from "vitest";
import type { Row } from "../../results/model/columns.ts";
import type { RowKeys } from "../../results/model/measurement.ts";
import { buildRow } from "../../results/rows/row.ts";
import type { Server } from "../contract.ts";
import { apps } from "../definitions/apps.ts";
import { resolveSettings, type Trial } from "../definitions/settings.ts";
import { scenarios } from "../scenarios.ts";
import { optionsFor } from "../transports/load-transport.ts";
import { transports } from "../transports.ts";
import { runTrial } from "./run-trial.ts";

const small = { clients: 40, ratePerS: 200, warmupMs: 300, durationMs: 1_000 };

function trialOf(transport: string, changes = {}): Trial {
  return {
    transport,
    repeat: 1,
    settings: resolveSettings("chat-100", scenarios["chat-100"], { ...small, ...changes }),
  };
}

async function rowOf(trial: Trial): Promise<Row> {
  const { clients, durationMs } = trial.settings;
  const keys = { transport: trial.transport, clients, duration_s: durationMs / 1000 } as RowKeys;
  return buildRow(keys, await runTrial(trial, new AbortController().signal, () => undefined));
}

let target: Server | undefined;

afterEach(async () => {
  await target?.close();
  target = undefined;
});

/** What a row says of bytes, where the load does not decide it. */
const exactBytes = ({
  connect_bytes_in,
  connect_bytes_out,
  overhead_bytes_per_send,
  overhead_bytes_per_delivery,
}: Row) => ({ connect_bytes_in, connect_bytes_out, overhead_bytes_per_send, overhead_bytes_per_delivery });

it.each(["ws", "ws-library"] as const)(
  "the clients of a target over %s count what its server would have counted",
  async (name) => {
    const { default: serve } = await transports[name].server();
    target = await serve(apps.chat, optionsFor(transports[name], {}));
    const trial = trialOf(name, { workers: 2 });
    const atTarget = await rowOf({ ...trial, target: { title: "a target", addresses: target.addresses } });
    const ours = await rowOf(trial);
    expect([ours.bytes_counted_at, atTarget.bytes_counted_at]).toEqual(["server", "clients"]);
    expect(exactBytes(atTarget)).toEqual(exactBytes(ours));
    expect(exactBytes(atTarget).overhead_bytes_per_delivery).toBeGreaterThan(0);
    expect(atTarget.wire_bytes_out).toBeGreaterThan(atTarget.payload_bytes_out!);
  },
  60_000,
);

it("the clients of a polling target count its sends, and its polls by connections of their own", async () => {
  const { default: serve } = await transports["long-poll"].server();
  target = await serve(apps.chat, optionsFor(transports["long-poll"], {}));
  const trial = trialOf("long-poll");
  const atTarget = await rowOf({ ...trial, target: { title: "a target", addresses: target.addresses } });
  const ours = await rowOf(trial);
  for (const name of ["connect_bytes_in", "connect_bytes_out", "overhead_bytes_per_send"] as const)
    expect([name, atTarget[name]]).toEqual([name, ours[name]]);
  expect(atTarget.polls_answered).toBeGreaterThan(0);
  expect(atTarget.deliveries_per_poll).toBeGreaterThan(0);
  expect(atTarget).not.toHaveProperty("empty_poll_bytes_per_delivery");
}, 60_000);
