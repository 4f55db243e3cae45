import { describe, expect, it } from "vitest";
import { nowUs } from "../lib/clock.ts";
import type { Attendance, HostingRequest, ServerCalls, ServerState } from "../load/server-process.ts";
import { rejectable, type Child } from "../system/ipc.ts";
import { trafficWith, used } from "../testing/server-states.ts";
import { addStates, RestartableServer } from "./restartable-server.ts";

const stateOf = (unit: number): ServerState => ({
  usage: used(1e6 * unit, 100 * unit, 1_000 * unit),
  traffic: trafficWith(unit),
  connectedClients: unit,
  received: unit,
  net: undefined,
  machineBusyUs: 7 * unit,
});

/** A server process that the test plays. Its counters are those of `unit`. */
interface Played extends Child<ServerCalls> {
  calls: string[];
  served: HostingRequest | undefined;
  failWith(error: Error): void;
  endWith(error: Error): void;
}

/** Processes by their number, from 1 on. `act` may hold up a call. */
function openServer(unitOf: (number: number) => number, act: (call: string) => Promise<void> = async () => undefined) {
  const played: Played[] = [];
  const start = (): Played => {
    const number = played.length + 1;
    const [failed, ended] = [rejectable(), rejectable()];
    const attendance: Attendance = { joinedUs: [number], leftUs: [10 * number] };
    const child = {
      pid: 100 + number,
      calls: [] as string[],
      served: undefined as HostingRequest | undefined,
      failed: failed.promise,
      ended: ended.promise,
      failWith: failed.reject,
      endWith: ended.reject,
      async call(name: string, argument: unknown): Promise<unknown> {
        child.calls.push(name);
        await act(`${name} ${number}`);
        if (name === "snapshot") return stateOf(unitOf(number));
        if (name === "attendance") return attendance;
        if (name === "serve") child.served = argument as HostingRequest;
        return name === "serve" ? [{ host: "127.0.0.1", port: 4_711 }] : undefined;
      },
      signal: (name: string) => void child.calls.push(name),
      kill: async () => void child.calls.push("kill"),
    };
    played.push(child as unknown as Played);
    return played.at(-1)!;
  };
  return { server: new RestartableServer(start), played };
}

const request = { transport: "ws", app: "chat", options: { host: "127.0.0.1", port: 0 } } as unknown as HostingRequest;

/** A server that serves already. */
async function openServing(...parts: Parameters<typeof openServer>) {
  const opened = openServer(...parts);
  const addresses = await opened.server.call("serve", request);
  return { ...opened, addresses };
}

/** Lets everything happen that waits for nothing. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a restart", () => {
  it("closes the server as its protocol says, ends the process and serves the same at the same port", async () => {
    const { server, played, addresses } = await openServing(() => 1);
    expect(addresses).toEqual([{ host: "127.0.0.1", port: 4_711 }]);
    await server.restart("graceful");
    expect(played.map(({ calls }) => calls)).toEqual([
      ["serve", "snapshot", "shutDown", "attendance", "kill"],
      ["serve"],
    ]);
    expect(played[1]!.served).toEqual({
      ...request,
      options: { ...request.options, port: 4_711, additionalPorts: [] },
    });
  });

  it("that is hard kills the process without a word to the clients", async () => {
    const { server, played } = await openServing(() => 1);
    await server.restart("hard");
    expect(played[0]!.calls).toEqual(["serve", "snapshot", "attendance", "kill"]);
  });

  it("is over when the new process listens, and calls wait for that", async () => {
    let listen!: () => void;
    const listening = new Promise<void>((resolve) => (listen = resolve));
    const { server, played } = await openServing(
      () => 1,
      (call) => (call === "serve 2" ? listening : Promise.resolve()),
    );
    let [isOver, isAnswered] = [false, false];
    const restarting = server.restart("hard").then(() => (isOver = true));
    const calling = server.call("snapshot", undefined).then(() => (isAnswered = true));
    const tallying = server.call("tally", undefined);
    await settle();
    expect([isOver, isAnswered, played[1]!.calls]).toEqual([false, false, ["serve"]]);
    listen();
    await Promise.all([restarting, calling, tallying]);
    expect(played[1]!.calls).toEqual(["serve", "snapshot", "tally"]);
  });

  it("that is under way when the trial ends leaves no process", async () => {
    let goOn!: () => void;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const { server, played } = await openServing(
      () => 1,
      (call) => (call === "attendance 1" ? held : Promise.resolve()),
    );
    const restarting = server.restart("hard");
    await settle();
    await server.kill();
    goOn();
    await expect(restarting).rejects.toThrow("killed while it was about to start again");
    expect(played.length).toBe(1);
  });

  it("that fails is an error of the restart and of later calls", async () => {
    const { server } = await openServing(
      () => 1,
      (call) => (call === "serve 2" ? Promise.reject(new Error("the port is taken")) : Promise.resolve()),
    );
    await expect(server.restart("hard")).rejects.toThrow("the port is taken");
    await expect(server.call("snapshot", undefined)).rejects.toThrow("the port is taken");
  });
});

describe("the counters", () => {
  it("go on where those of the predecessors ended, while memory and clients are those of the process", async () => {
    const { server } = await openServing((number) => [10, 20, 5][number - 1]!);
    expect(await server.call("snapshot", undefined)).toEqual(stateOf(10));
    await server.restart("hard");
    await server.restart("graceful");
    expect(await server.call("snapshot", undefined)).toEqual({
      ...stateOf(5),
      usage: { ...used(5e6, 3_500, 5_000), loop: { idle: 35e6, active: 3_500 } },
      traffic: trafficWith(35),
      received: 35,
    });
  });

  it("at the edges of the window are read from whichever process is there", async () => {
    const { server } = await openServing((number) => [10, 5][number - 1]!);
    const edgeAt = (timeUs: number) => ({ timeUs, second: true, slice: true });
    const reading = server.call("snapshotsAt", [edgeAt(0), edgeAt(nowUs() + 50_000)]);
    await settle();
    await server.restart("hard");
    const states = await reading;
    expect(states.map(({ received }) => received)).toEqual([10, 15]);
  });

  it("of clients that came and left are those of all processes", async () => {
    const { server } = await openServing(() => 1);
    await server.restart("hard");
    await server.restart("graceful");
    expect(await server.call("attendance", undefined)).toEqual({ joinedUs: [1, 2, 3], leftUs: [10, 20, 30] });
  });

  it("are unknown where they were unknown once, and the worst delay is that of all", () => {
    const unknown = { ...stateOf(1), traffic: undefined, usage: undefined };
    for (const [one, other] of [
      [unknown, stateOf(2)],
      [stateOf(2), unknown],
    ] as const)
      expect(addStates(one, other)).toMatchObject({ traffic: undefined, usage: undefined, received: 3 });
    const late = { ...used(0, 0), gcUs: 3, runDelayUs: 40, loopDelayP99Us: 9, loopDelayMaxUs: 90 };
    const early = { ...used(0, 0), gcUs: 4, runDelayUs: 50, loopDelayP99Us: 5, loopDelayMaxUs: 50 };
    const both = { gcUs: 7, runDelayUs: 90, loopDelayP99Us: 9, loopDelayMaxUs: 90 };
    for (const [before, now] of [
      [late, early],
      [early, late],
    ] as const)
      expect(addStates({ ...stateOf(1), usage: before }, { ...stateOf(1), usage: now }).usage).toMatchObject(both);
  });
});

describe("a death", () => {
  /** What the server has reported so far. */
  function watch(server: RestartableServer): string[] {
    const reported: string[] = [];
    server.ended.catch((error: Error) => reported.push(error.message));
    server.failed.catch((error: Error) => reported.push(error.message));
    return reported;
  }

  it("outside a restart is reported, and so is a failure", async () => {
    const [one, other] = [await openServing(() => 1), await openServing(() => 1)];
    const reported = [watch(one.server), watch(other.server)];
    one.played[0]!.endWith(new Error("it was killed by SIGSEGV"));
    other.played[0]!.failWith(new Error("it cannot go on"));
    await settle();
    expect(reported).toEqual([["it was killed by SIGSEGV"], ["it cannot go on"]]);
  });

  it("of a process that has been started again is reported as well", async () => {
    const { server, played } = await openServing(() => 1);
    const reported = watch(server);
    await server.restart("hard");
    played[1]!.endWith(new Error("it ended with code 1"));
    await settle();
    expect(reported).toEqual(["it ended with code 1"]);
  });

  it("that the restart has caused is none, not even if it is told late", async () => {
    const { server, played } = await openServing(
      () => 1,
      async (call) => {
        if (call === "attendance 1") played[0]!.endWith(new Error("the program has ended"));
      },
    );
    const reported = watch(server);
    await server.restart("graceful");
    played[0]!.failWith(new Error("it lost its parent"));
    await settle();
    expect(reported).toEqual([]);
  });

  it("at the end of the trial is none", async () => {
    const { server, played } = await openServing(() => 1);
    const reported = watch(server);
    await server.kill();
    played[0]!.endWith(new Error("it was killed by SIGKILL"));
    await settle();
    expect([reported, played[0]!.calls.at(-1)]).toEqual([[], "kill"]);
  });
});

it("a signal and the process id are those of the process that is there", async () => {
  const { server, played } = await openServing(() => 1);
  expect(server.pid).toBe(101);
  await server.restart("hard");
  server.signal("SIGSTOP");
  expect([server.pid, played[0]!.calls.includes("SIGSTOP"), played[1]!.calls]).toEqual([
    102,
    false,
    ["serve", "SIGSTOP"],
  ]);
});
