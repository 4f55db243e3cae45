import { expect, it } from "vitest";
import { parseFault, type Fault } from "../definitions/fault.ts";
import { nowUs } from "../lib/clock.ts";
import type { NetworkNamespace } from "../system/network-namespace.ts";
import type { PlannedStrike } from "../workload/fault-plan.ts";
import { openFault } from "./fault-run.ts";

type Processes = Parameters<typeof openFault>[1];
type OpenMaker = NonNullable<Parameters<typeof openFault>[2]>;

/** A fault that is written down and not made. An act takes as long as `act` says. */
function openPretended(
  fault: Fault,
  strikes: readonly PlannedStrike[],
  act: () => Promise<void> = async () => undefined,
) {
  const acts: string[] = [];
  const noted = (what: string) => async (): Promise<void> => {
    acts.push(what);
    await act();
  };
  const openMaker: OpenMaker = () => ({
    cut: (clients) => noted(clients ? `cut ${clients.join(" ")}` : "cut all")(),
    silence: (ways) => noted(`silence ${ways}`)(),
    restore: (ways) => noted(`restore ${ways}`)(),
    close: () => void acts.push("close"),
  });
  const workerOf = (name: string) => ({ signal: (signal: string) => void acts.push(`${signal} ${name}`) });
  const processes = {
    clientSide: undefined,
    network: undefined,
    workers: [workerOf("senders"), workerOf("others"), workerOf("affected")],
    restart: (how: string) => noted(`restart ${how}`)(),
  } as unknown as Processes;
  return { acts, open: openFault({ fault, strikes, links: { onLoopback: true } }, processes, openMaker) };
}

const one = [{ atMs: 0, clients: [4, 9] }];
const actsOf = async (text: string, strikes = one): Promise<string[]> => {
  const { acts, open } = openPretended(parseFault("--fault", text), strikes);
  await open.run(nowUs());
  return acts;
};

it.each([
  ["cut:20%@0s", ["cut all"]],
  ["cut:100%/15s@0s", ["cut 4 9"]],
  ["gone:2ms:20%@0s", ["silence both", "restore both"]],
  ["half-open:2ms:20%@0s", ["silence down", "restore down"]],
  ["asleep:2ms:20%@0s", ["SIGSTOP affected", "silence both", "restore both", "SIGCONT affected"]],
  ["restart@0s", ["restart graceful"]],
  ["restart-hard@0s", ["restart hard"]],
])("%s: %j", async (text, acts) => {
  expect(await actsOf(text)).toEqual(acts);
});

it("a recurring cut is made at each of its moments, in their order, each with its clients", async () => {
  const strikes = [
    { atMs: 30, clients: [1] },
    { atMs: 1, clients: [2, 3] },
  ];
  expect(await actsOf("cut:100%/15s@0s", strikes)).toEqual(["cut 2 3", "cut 1"]);
});

it("each client of a moment has met the fault from its beginning to its end", async () => {
  const { open } = openPretended(parseFault("--fault", "gone:20ms:20%@5ms"), [{ atMs: 5, clients: [4, 9] }]);
  const t0Us = nowUs();
  const { strikes } = await open.run(t0Us);
  expect(strikes.map(({ client }) => client)).toEqual([4, 9]);
  const [{ beginUs, endUs }] = strikes as [(typeof strikes)[number]];
  expect(strikes[1]).toEqual({ client: 9, beginUs, endUs });
  expect(beginUs).toBeGreaterThanOrEqual(t0Us + 5_000);
  expect(endUs).toBeGreaterThanOrEqual(beginUs + 20_000);
});

it("a cut that is complete later than it began is over then, and as late as its completion", async () => {
  let [completeUs, dueUs] = [0, 0];
  const { open } = openPretended(parseFault("--fault", "cut:20%@0s"), one, async () => {
    while (nowUs() < dueUs + 30_000) await new Promise((resolve) => setImmediate(resolve));
    completeUs = nowUs();
  });
  dueUs = nowUs();
  const { strikes, lateUs } = await open.run(dueUs);
  expect(lateUs).toBeGreaterThanOrEqual(completeUs - dueUs);
  expect(strikes[0]!.beginUs).toBeLessThanOrEqual(completeUs);
  expect(strikes[0]!.endUs).toBeGreaterThanOrEqual(completeUs);
});

it("a restart is as late as its beginning, since the time until the servers listen is a result", async () => {
  let beganUs = 0;
  const { open } = openPretended(parseFault("--fault", "restart@0s"), one, async () => {
    beganUs = nowUs();
    while (nowUs() < beganUs + 30_000) await new Promise((resolve) => setImmediate(resolve));
  });
  const t0Us = nowUs();
  const { strikes, lateUs } = await open.run(t0Us);
  expect(lateUs).toBeLessThanOrEqual(beganUs - t0Us);
  expect(strikes[0]!.endUs).toBeGreaterThanOrEqual(beganUs + 30_000);
});

it("the lateness of a fault is that of its latest moment", async () => {
  const strikes = [
    { atMs: -500, clients: [1] },
    { atMs: 0, clients: [2] },
  ];
  const { open } = openPretended(parseFault("--fault", "cut:100%/15s@0s"), strikes);
  expect((await open.run(nowUs())).lateUs).toBeGreaterThanOrEqual(500_000);
});

it("a fault without a moment meets nobody and is not late", async () => {
  const { open } = openPretended(parseFault("--fault", "cut:100%/15s@0s"), []);
  expect(await open.run(nowUs())).toEqual({ strikes: [], lateUs: 0 });
});

it("a fault that cannot be made is an error, and closing closes its maker", async () => {
  const { acts, open } = openPretended(parseFault("--fault", "gone:2ms:20%@0s"), one, () =>
    Promise.reject(new Error("Operation not permitted")),
  );
  await expect(open.run(nowUs())).rejects.toThrow("Operation not permitted");
  open.close();
  expect(acts).toEqual(["silence both", "close"]);
});

it("it is made in the network of the trial, or in the namespace of the clients, or on this machine", () => {
  const [servers, clients] = [{ pid: 1 }, { pid: 2 }] as unknown as [NetworkNamespace, NetworkNamespace];
  const sidesFor = (parts: object): unknown => {
    let sides: unknown = "not opened";
    const processes = { clientSide: undefined, network: undefined, workers: [], ...parts } as unknown as Processes;
    const plan = { fault: parseFault("--fault", "cut"), strikes: one, links: { onLoopback: true } };
    openFault(plan, processes, (found) => {
      sides = found;
      const nothing = async (): Promise<void> => undefined;
      return { cut: nothing, silence: nothing, restore: nothing, close: () => undefined };
    });
    return sides;
  };
  expect(sidesFor({ network: { sides: { servers, clients } }, clientSide: clients })).toEqual({ servers, clients });
  expect(sidesFor({ clientSide: clients })).toEqual({ servers: clients, clients });
  expect(sidesFor({})).toBeUndefined();
});
