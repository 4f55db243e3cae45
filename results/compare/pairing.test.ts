import { describe, expect, it } from "vitest";
import type { Row } from "../model/columns.ts";
import { pairTransports, parseRenames } from "./pairing.ts";
import { runRows } from "../testing/runs.ts";

const made = (...changes: Row[]): Row[] => changes.flatMap((each) => runRows({ repeats: 2, changes: each }));
const names = (before: Row[], after: Row[], renames?: string) =>
  pairTransports(before, after, renames === undefined ? [] : parseRenames(renames)).pairs.map(
    ({ transport, keys }) => `${transport.before}=${transport.after} ${keys.clients}`,
  );

describe("groups of repeats are paired", () => {
  it("where every match column is equal, whatever their order", () => {
    const [a, b] = [{ transport: "ws" }, { transport: "ws", clients: 20 }];
    expect(names(made(a, b), made(b, a))).toEqual(["ws=ws 10", "ws=ws 20"]);
  });

  it("with all repeats that count, and none that is invalid or failed", () => {
    const rows = made({}, { status: "suspect" }, { status: "invalid" }, { status: "failed" });
    const [only] = pairTransports(rows, made({}), []).pairs;
    expect([only!.before.length, only!.after.length]).toEqual([4, 2]);
  });

  it("with a transport of another name, and with any client library, where --pair names both", () => {
    const rows = made({ transport: "ws" }, { transport: "tcp", client: "node:net" });
    const others = runRows({ seed: 2, changes: { transport: "tcp", client: "node:net" } });
    expect(names(rows, others, "ws=tcp")).toEqual(["ws=tcp 10", "tcp=tcp 10"]);
    expect(names(rows, rows)).toEqual(["ws=ws 10", "tcp=tcp 10"]);
    expect(names(rows, rows, "ws=tcp")).toEqual(["ws=tcp 10"]);
    expect(names(rows, rows, "ws=tcp,tcp=ws")).toEqual(["ws=tcp 10", "tcp=ws 10"]);
  });
});

describe("a trial without a partner is named with the reason:", () => {
  const why = (before: Row[], after: Row[], renames?: string) =>
    pairTransports(before, after, renames === undefined ? [] : parseRenames(renames)).unpaired.map(
      ({ sentence, onlyAfter }) => (onlyAfter ? `new: ${sentence}` : sentence),
    );

  it("a transport that was measured after only; transports that share the reason share the sentence", () => {
    const others = [{ transport: "tcp" }, { transport: "sse" }];
    expect(why(made({}), made({}, ...others))).toEqual(["new: tcp and sse, chat-100: not measured before."]);
  });

  it("another scenario, without the numbers that differ with it", () => {
    expect(why(made({}), made({ scenario: "echo", rooms: 10 }))).toEqual([
      "ws, chat-100: scenario chat-100 before, echo after.",
    ]);
  });

  it("numbers that differ, where another scenario differs in fewer", () => {
    const other = { scenario: "echo" };
    expect(why(made({}), made(other, { clients: 20, rooms: 2, payload_bytes: 7 }))).toEqual([
      "ws, chat-100: clients 10 before, 20 after; rooms 1 before, 2 after; payload_bytes 100 before, 7 after.",
      "new: ws, echo: no partner before.",
    ]);
  });

  it("the match columns in which the nearest trial differs, once", () => {
    const far = { clients: 30, rooms: 3, payload_bytes: 7 };
    expect(why(made({}), made(far, { clients: 20 }))).toEqual([
      "ws, chat-100: clients 10 before, 20 after.",
      "new: ws, chat-100, clients 30, rooms 3, payload_bytes 7: no partner before.",
    ]);
    expect(why(made({}), made({ clients: 20, rooms: 2 }))).toEqual([
      "ws, chat-100: clients 10 before, 20 after; rooms 1 before, 2 after.",
    ]);
  });

  it("another client library, unless --pair names the transports", () => {
    expect(why(made({}), made({ client: "undici" }))).toEqual(["ws, chat-100: client ws before, undici after."]);
    expect(why(made({}), made({ client: "undici" }), "ws=ws")).toEqual([]);
  });

  it("repeats of which none was valid or suspect before", () => {
    for (const after of [made({}), made({ status: "failed" }), made({ transport: "tcp" })])
      expect(why(made({ status: "invalid" }), after)).toContain(
        "ws, chat-100: no valid or suspect repeat before (of 2 repeats), see the reasons in its rows.",
      );
  });
});

it("a trial that is missing, or has no valid or suspect repeat after, is a pair without repeats after", () => {
  for (const after of [made({ transport: "tcp" }), made({ status: "failed" }, { transport: "tcp" })]) {
    const { pairs, unpaired } = pairTransports(made({}), after, []);
    expect(pairs.map((pair) => [pair.transport, pair.before.length, pair.after.length])).toEqual([
      [{ before: "ws", after: "ws" }, 2, 0],
    ]);
    expect(unpaired).toEqual([{ sentence: "tcp, chat-100: not measured before.", onlyAfter: true }]);
  }
});

describe("the transports that --pair names", () => {
  it.each(["ws", "ws=", "=tcp", "ws=tcp=undici", "ws=tcp,"])("are refused as %j", (text) => {
    expect(() => parseRenames(text)).toThrow(/^--pair ".*" is not two transports\. Write .*: short-poll=long-poll\.$/);
  });

  it("are refused where a side has no such transport, with the nearest name", () => {
    const check = (renames: string) => () =>
      pairTransports(made({}), made({}, { transport: "tcp" }), parseRenames(renames));
    expect(check("wss=tcp")).toThrow(/^--pair "wss=tcp": there is no transport "wss" before\. Did you mean "ws"\?/);
    expect(check("ws=tpc")).toThrow(/no transport "tpc" after\. Did you mean "tcp"\? The choices are: ws, tcp\.$/);
  });
});
