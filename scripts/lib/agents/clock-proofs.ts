import { mergeHistograms } from "../../../results/statistics/histogram.ts";
import { median } from "../../../results/statistics/median.ts";
import { expectCode, gang, goesWell, measuring, noneLeft, startAgents, type AgentProof } from "./proof-steps.ts";
import type { ProofHosts, Stage, StageHost, StageProcess } from "./stage.ts";

type Rows = readonly Record<string, string>[];

/** So light a load that latencies are small on a machine that has much else to do. */
const chat = ["--scenario", "chat-100", "--transports", "ws", "--rate", "40", "--duration", "3s", "--warmup", "500ms"];
const numbersOf = (rows: Rows, name: string): number[] => rows.map((row) => Number(row[name]));
const spreadOf = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);

/** Number of deliveries that the latencies of a row are of. */
const timedIn = ({ latency_histogram: packed }: Record<string, string>): number =>
  mergeHistograms([packed!]).totalCount;

function expect(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(sentence);
}

/** Ends agents as a person would, so that others can have their names. */
async function endAgents(agents: readonly StageProcess[]): Promise<void> {
  for (const { child } of agents) child.kill("SIGTERM");
  await Promise.all(agents.map(({ code }) => code));
}

/** The latencies of two groups of rows agree within the error of the clocks and what repeats differ by. */
function assertAgree(name: string, one: Rows, other: Rows, errorUs: number): string {
  const [ofOne, ofOther] = [numbersOf(one, name), numbersOf(other, name)];
  const [oneUs, otherUs] = [median(ofOne)!, median(ofOther)!];
  const mayUs = errorUs + spreadOf(ofOne) + spreadOf(ofOther);
  expect(Math.abs(oneUs - otherUs) <= mayUs, `${name} is ${oneUs} with one clock and ${otherUs} with three`);
  return `${name} ${oneUs} and ${otherUs}`;
}

interface RecordedAgent {
  name: string;
  clock: { offsetUs: number; atUs: number };
}

/**
 * Most by which the clocks of two agents are wrong against each other in any trial of a run, in microseconds, since it is
 * known what each clock shows. Throws where it is more than the `clock_error_us` of the trial.
 */
function mistakeOfPairs(stage: Stage, rows: Rows, { server, clients }: ProofHosts): number {
  const { agent_loads: loads } = stage.record("well.csv") as {
    agent_loads: { machines: { agents: RecordedAgent[] }[] }[];
  };
  const truths = { b1: server, b2: clients[0], b3: clients[1] } as Record<string, StageHost>;
  const mistakes = loads.map(({ machines }, trial) => {
    const agents = machines.flatMap((machine) => machine.agents);
    const wrongUs = agents.map(({ name, clock }) => clock.atUs + clock.offsetUs - truths[name]!.machineUs!(clock.atUs));
    const [worstUs, mayUs] = [spreadOf(wrongUs), Number(rows[trial]!["clock_error_us"])];
    expect(agents.length === 3 && worstUs <= mayUs, `the clocks are wrong by ${worstUs} us, and may be by ${mayUs}`);
    return worstUs;
  });
  expect(mistakes.length === rows.length, `the clocks of ${mistakes.length} trials are recorded`);
  return Math.max(...mistakes);
}

/** Agents whose clocks are known to differ by hours, and by 50 ppm. */
export const clockProofs: readonly AgentProof[] = [
  {
    claim:
      "clocks that differ by +12,345 s, -777.000123 s and 50 ppm: they are known, and latencies are as with one clock, within clock_error_us",
    run: async (stage, { oneClock, ...hosts }) => {
      const repeated = [...chat, "--repeat", "2"];
      const agents = await startAgents(stage, oneClock);
      const one = await goesWell(stage, repeated);
      await endAgents(agents);
      await startAgents(stage, hosts);
      const three = await goesWell(stage, repeated);
      const errors = numbersOf(three, "clock_error_us");
      for (const row of three) {
        expect(row["clock"] === "3 agents", `the clock is ${row["clock"]}`);
        expect(!/clock-skew/.test(row["rules"]!), `the row says ${row["reasons"]}`);
        expect(Number(row["latency_min_us"]) >= 0, `the least latency is ${row["latency_min_us"]} us`);
        expect(Number(row["clock_error_us"]) > 0, "there is no error of the clocks");
      }
      for (const row of one)
        expect(row["clock_error_us"] === "0", `one clock has an error of ${row["clock_error_us"]} us`);
      const all = three.every((row) => row["latency_of"] === "all");
      const names = all ? ["latency_p50_us", "observers_p50_us", "receivers_p50_us"] : ["observers_p50_us"];
      const seen = names.map((name) => assertAgree(name, one, three, Math.max(...errors)));
      const mistakeUs = mistakeOfPairs(stage, three, hosts).toFixed(1);
      return `two clocks are wrong by at most ${mistakeUs} us; ${seen.join("; ")}; clock_error_us ${errors.join(", ")}; latency_of ${three.map((row) => row["latency_of"]).join(", ")}`;
    },
  },
  {
    claim: "answers of the broker that are 20 ms late at one agent: latencies of one host alone, and of all in an echo",
    run: async (stage, hosts) => {
      const relay = await stage.relay();
      await relay.command("delay 20");
      await startAgents(stage, hosts, relay.url);
      const [row] = await goesWell(stage, chat);
      const errorUs = Number(row!["clock_error_us"]);
      expect(errorUs >= 10_000 && errorUs < 60_000, `the error of the clocks is ${errorUs} us`);
      expect(
        row!["latency_of"] === "one host",
        `the latency is of ${row!["latency_of"]}: the median is ${row!["observers_p50_us"]} us, so try a less busy machine`,
      );
      expect(/clock-error/.test(row!["rules"]!), `the rules are ${row!["rules"]}`);
      expect(row!["fanout_p50_us"] === "" && row!["receivers_p50_us"] === "", "there are latencies between hosts");
      // The sender worker has the 10 senders and 20 observers.
      expect(
        timedIn(row!) === 30 * Number(row!["sent"]),
        `${timedIn(row!)} deliveries are timed of ${row!["delivered"]}`,
      );
      const echo = ["--scenario", "echo", "--transports", "ws", "--duration", "2s", "--warmup", "500ms"];
      const [echoed] = await goesWell(stage, echo);
      expect(echoed!["latency_of"] === "all", `the latency of the echo is of ${echoed!["latency_of"]}`);
      expect(timedIn(echoed!) === Number(echoed!["delivered"]), `${timedIn(echoed!)} echoes are timed`);
      return `clock_error_us ${errorUs}: ${timedIn(row!)} of ${row!["delivered"]} deliveries are timed, p50 ${row!["latency_p50_us"]} us; echo: all, p50 ${echoed!["latency_p50_us"]} us`;
    },
  },
  {
    claim: "a clock that steps by 200 ms in a trial: a failed row that names the agent, and the next trial is valid",
    run: async (stage, hosts) => {
      const relay = await stage.relay();
      await startAgents(stage, hosts, relay.url);
      const run = stage.bench("step.csv", [...chat, "--repeat", "2", ...gang]);
      await measuring(run);
      await relay.command("step 200000");
      expectCode(await run.code, [1], run);
      const [failed, next] = stage.rows("step.csv");
      const [, byUs] = /^the clock of agent b3 stepped by (\d+) us during the trial/.exec(failed!["error"]!) ?? [];
      expect(Math.abs(Number(byUs) - 200_000) < 50_000, `the row says "${failed!["error"]}"`);
      expect(
        next!["status"] !== "failed" && next!["lost"] === "0",
        `the next row is ${next!["status"]}: ${next!["error"]}`,
      );
      await noneLeft(stage);
      return `${failed!["error"]}; the next trial has an error of ${next!["clock_error_us"]} us`;
    },
  },
];
