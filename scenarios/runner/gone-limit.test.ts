import { expect, it, vi } from "vitest";
import type { GoneClient } from "../workload/gone-client.ts";
import { openGoneLimit, tooManyGone, type GonePlan } from "./gone-limit.ts";
import type { TrialProcesses } from "./trial-processes.ts";

const goneOf = (client: number, changes: Partial<GoneClient> = {}): GoneClient => ({
  client,
  how: "dropped",
  atUs: 2_500_000,
  reason: "the server closed the connection",
  sessionUnknown: false,
  silentUs: 0,
  ...changes,
});
const some = (count: number, changes: Partial<GoneClient> = {}): GoneClient[] =>
  Array.from({ length: count }, (_, client) => goneOf(client, changes));
const refused = { how: "refused", reason: "503", silentUs: undefined } as const;
const plan: GonePlan = { clients: 40, durationS: 10, mostGone: 0 };

/** A limit of a trial with two workers, and the reasons for which it ended the trial. */
function open(changes: Partial<GonePlan>, gone: readonly GoneClient[]) {
  const abort = vi.fn<(reason: Error) => void>();
  const callWorkers = vi.fn<() => Promise<(readonly GoneClient[])[]>>(() =>
    Promise.resolve([gone.slice(0, 1), gone.slice(1)]),
  );
  const processes = { callWorkers } as unknown as Pick<TrialProcesses, "callWorkers">;
  return { limit: openGoneLimit({ ...plan, ...changes }, processes, abort), abort, callWorkers };
}

it("says how many clients lost their connection, when and why", () => {
  expect(tooManyGone([goneOf(1)], plan, 1_000_000)).toBe(
    "1 of 40 clients lost its connection at second 1.5 of the window: the server closed the connection",
  );
  expect(tooManyGone([...some(3), goneOf(9, { atUs: 4_000_000, reason: "ECONNRESET" })], plan, 1_000_000)).toBe(
    "4 of 40 clients lost their connection between seconds 1.5 and 3.0 of the window: the server closed the connection (3 times), " +
      "ECONNRESET (1 times)",
  );
});

it("says what refused clients were answered, and how many may go", () => {
  expect(tooManyGone(some(30, refused), { ...plan, mostGone: 20 }, Infinity)).toBe(
    "30 of 40 clients were refused: 503; --drops allows 20",
  );
  expect(tooManyGone([goneOf(0), goneOf(1, refused)], plan, Infinity)).toBe(
    "1 of 40 clients was refused: 503; 1 of 40 clients lost its connection before the window: the server closed the connection",
  );
});

it("the clients of all workers are read, and these are not too many up to the limit", async () => {
  const { limit } = open({ mostGone: 3 }, some(3));
  expect(await limit.check()).toHaveLength(3);
  await expect(open({ mostGone: 2 }, some(3)).limit.check()).rejects.toThrow(
    /^3 of 40 clients lost .*; --drops allows 2$/,
  );
});

it("a trial in which nobody is left before the window fails in any case, and one that loses everybody later does not", async () => {
  const all = { clients: 5, mostGone: 5 };
  await expect(open(all, some(5, refused)).limit.check()).rejects.toThrow("5 of 5 clients were refused: 503");
  const { limit } = open(all, some(5));
  limit.start(1_000_000);
  expect(await limit.check()).toHaveLength(5);
  limit.start(1e15);
  await expect(limit.check()).rejects.toThrow("5 of 5 clients lost their connection before the window");
});

it("a trial that loses its last client in the window had one, and does not fail for it", async () => {
  const early = some(4, { atUs: 500_000 });
  const { limit } = open({ clients: 5, mostGone: 5 }, [...early, goneOf(4)]);
  limit.start(1_000_000);
  expect(await limit.check()).toHaveLength(5);
});

it("ends the trial once when more clients are seen to be gone than may be", async () => {
  const { limit, abort, callWorkers } = open({ mostGone: 2 }, some(3));
  limit.seen(2);
  expect(callWorkers).not.toHaveBeenCalled();
  for (const count of [3, 4]) limit.seen(count);
  await vi.waitFor(() => expect(abort).toHaveBeenCalled());
  expect(abort.mock.calls).toEqual([[new Error(tooManyGone(some(3), { ...plan, mostGone: 2 }, Infinity))]]);
  expect(callWorkers).toHaveBeenCalledTimes(1);
});
