import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { RowKeys } from "../../results/model/measurement.ts";
import { buildRow } from "../../results/rows/row.ts";
import { runTrial } from "../runner/run-trial.ts";
import { scenarios } from "../scenarios.ts";
import { resolveSettings } from "../definitions/settings.ts";
import { lostDigit } from "./leaky.ts";

const leaky = fileURLToPath(new URL("./leaky.js", import.meta.url));

it("a row of a transport that promises to lose nothing is suspect when it lost a message, and names the first", async () => {
  const settings = resolveSettings("chat-100", scenarios["chat-100"], {
    clients: 20,
    ratePerS: 100,
    warmupMs: 200,
    durationMs: 1_000,
  });
  const trial = { transport: leaky, repeat: 1, settings };
  const measured = await runTrial(trial, new AbortController().signal, () => undefined);
  const { status, rules, reasons, lost } = buildRow(
    { transport: "leaky", clients: 20, duration_s: 1 } as RowKeys,
    measured,
  );
  expect(rules!.split(" ")).toContain("messages-lost");
  expect(status).toBe("suspect");
  const sentence = /(\d+) of 2,000 deliveries were lost, .* \(first: message \d*(\d) of client \d+ to client \d+\)/;
  const [, count, digit] = sentence.exec(reasons!) ?? [];
  expect([Number(count), Number(digit)]).toEqual([lost, lostDigit]);
}, 60_000);
