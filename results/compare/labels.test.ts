import { describe, expect, it } from "vitest";
import { labelList, metricList, pairList, trialLabels, type TrialLabel } from "./labels.ts";

const label = (transport: string, load = "chat-100"): TrialLabel => ({ transport, load });

describe("the label of a trial", () => {
  it("has its transport and scenario, and the match columns in which its neighbours differ", () => {
    const [ws, small, large] = [
      { transport: "ws", scenario: "echo", clients: 10 },
      { transport: "tcp", scenario: "chat-100", clients: 10 },
      { transport: "tcp", scenario: "chat-100", clients: 20 },
    ];
    expect(trialLabels([ws, small, large])).toEqual([
      label("ws", "echo"),
      label("tcp", "chat-100, clients 10"),
      label("tcp", "chat-100, clients 20"),
    ]);
  });

  it("has both transports where two are compared", () => {
    expect(pairList([{ keys: { scenario: "echo" }, transport: { before: "ws", after: "tcp" } }])).toEqual([
      "ws -> tcp, echo",
    ]);
  });
});

describe("several trials in one phrase", () => {
  it("are grouped by load", () => {
    expect(labelList([label("ws"), label("tcp"), label("sse"), label("ws", "echo")])).toBe(
      "ws, tcp and sse, chat-100; ws, echo",
    );
  });

  it("are counted where they are of many loads", () => {
    expect(labelList(["a", "b", "c", "d"].map((load) => label("ws", load)))).toBe("4 trials");
  });
});

describe("metrics of several trials in one phrase", () => {
  const items = [
    { metric: "p50 ms", label: label("ws") },
    { metric: "p99 ms", label: label("ws") },
    { metric: "p99 ms", label: label("tcp") },
    { metric: "p99 ms", label: label("sse") },
  ];

  it("are grouped by the trials that share them", () => {
    expect(metricList(items)).toBe("p50 ms and p99 ms of ws, chat-100; p99 ms of tcp and sse, chat-100");
  });

  it("stand alone where the comparison has one trial, and are of every trial where all share them", () => {
    expect(metricList(items.slice(0, 2), 1)).toBe("p50 ms and p99 ms");
    expect(metricList(items.slice(1), 3)).toBe("p99 ms of every trial");
    expect(metricList(items.slice(1), 4)).toBe("p99 ms of ws, tcp and sse, chat-100");
  });
});
