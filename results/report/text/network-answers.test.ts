import { describe, expect, it } from "vitest";
import type { Row } from "../../model/columns.ts";
import { encodeHistogram } from "../../statistics/histogram.ts";
import { recordedHistogram } from "../../testing/measurement.ts";
import { rowOf, sourceOf } from "../../testing/report-rows.ts";
import { buildLoadGroups } from "./load-groups.ts";
import { networkAnswers } from "./network-answers.ts";
import { networkedLoads, type NetworkedLoad } from "./network-series.ts";

/** A row over a network, with these latencies in milliseconds. */
function over(network: string, transport: string, p50Ms: number, changes: Row = {}): Row {
  const network_by = network === "loopback" ? "none" : "tun";
  return rowOf(transport, { network, network_by, latency_p50_us: 1000 * p50Ms, ...changes });
}

/** Latencies of which three in a hundred are so late. */
function withTail(p50Ms: number, lateMs: number): Row {
  const values = Array.from({ length: 100 }, (_, i) => 1000 * (i < 97 ? p50Ms : lateMs));
  return { latency_p99_us: 1000 * lateMs, latency_histogram: encodeHistogram(recordedHistogram(...values)) };
}

function loadOf(...rows: Row[]): NetworkedLoad {
  const [only, another] = networkedLoads(buildLoadGroups([sourceOf(rows)]));
  if (!only || another) throw new Error("these rows are not one load over several networks");
  return only;
}

const answersOf = (...rows: Row[]): Record<string, string> =>
  Object.fromEntries(
    loadOf(...rows)
      .series.flatMap(networkAnswers)
      .map(({ topic, text }) => [topic, text.replaceAll("\u00a0", " ")]),
  );

describe("loads over networks", () => {
  it("are none where all rows are of one network, or of a target and agents", () => {
    const alone = [over("rtt=20ms,cc=cubic", "ws", 20), over("rtt=20ms,cc=cubic", "tcp", 20)];
    const elsewhere = [over("target 192.0.2.1", "ws", 20), over("agents", "ws", 20)];
    for (const rows of [alone, elsewhere]) expect(networkedLoads(buildLoadGroups([sourceOf(rows)]))).toEqual([]);
  });

  it("have a series for each condition that alone differs, with the loopback as no distance", () => {
    const rows = [
      "loopback",
      "rtt=200ms,cc=cubic",
      "rtt=20ms,cc=cubic",
      "rtt=20ms,loss=1%,cc=cubic",
      "rtt=20ms,rate=1mbit/256kbit,queue=469ms,cc=cubic",
      "rtt=20ms,rate=10mbit/10mbit,queue=100ms,cc=cubic",
      "rtt=20ms,loss=1%,cc=bbr",
    ].map((network) => over(network, "ws", 20));
    const series = loadOf(...rows).series.map(({ axis, points }) => [axis.word, points.map(({ x }) => x)]);
    expect(series).toEqual([
      ["rtt", [0, 20, 200]],
      ["loss", [0, 1]],
      ["rate", [10_000, 256]],
    ]);
  });

  it("keep the networks of two means apart", () => {
    const rows = ["tun", "netem"].map((network_by) => over("rtt=20ms,cc=cubic", "ws", 20, { network_by }));
    const { groups, series } = loadOf(...rows);
    expect(groups.map(({ entries }) => entries.map((entry) => entry.rows.length))).toEqual([[1], [1]]);
    expect(series).toEqual([]);
  });
});

describe("answers", () => {
  it("say from which round-trip time on a transport is behind, and what a round trip adds", () => {
    const rows = [20, 100, 300].flatMap((rtt) => [
      over(`rtt=${rtt}ms,cc=cubic`, "ws", rtt + 5, { connect_p50_ms: 2 * rtt }),
      over(`rtt=${rtt}ms,cc=cubic`, "long-poll", rtt > 50 ? 1.5 * rtt : rtt + 5, { connect_p50_ms: 3 * rtt }),
    ]);
    const { "By round-trip time": text, "Cost of a round trip": cost } = answersOf(...rows);
    expect(text).toMatch(
      /^From 100 ms of round-trip time on, long-poll \(450 ms at 300 ms, 1\.5 times the first\) is behind\. /,
    );
    expect(text).toContain("At 300 ms ws is first: half of the deliveries arrive within 305 ms.");
    expect(cost).toContain(
      "For each millisecond of round trip the median latency grows by 1.0 ms over ws and by 1.5 ms over long-poll.",
    );
    expect(cost).toContain("A connection is ready after 2.0 round trips over ws and 3.0 round trips over long-poll.");
  });

  it("say the opposite where the rows do", () => {
    const rows = [20, 100].flatMap((rtt) => [
      over(`rtt=${rtt}ms,cc=cubic`, "ws", 2 * rtt),
      over(`rtt=${rtt}ms,cc=cubic`, "long-poll", rtt),
    ]);
    expect(answersOf(...rows)["By round-trip time"]).toContain(
      "At every measured round-trip time, ws (200 ms at 100 ms, 2.0 times the first) is behind.",
    );
  });

  it("say what distance hides", () => {
    const rows = [
      over("loopback", "ws", 1),
      over("loopback", "sse", 3),
      over("rtt=100ms,cc=cubic", "ws", 101),
      over("rtt=100ms,cc=cubic", "sse", 103),
    ];
    const text = answersOf(...rows)["By round-trip time"];
    expect(text).toContain("At 100 ms ws and sse cannot be distinguished");
    expect(text).toContain("At 0 ms ws and sse still differ.");
  });

  it("say how the tail grows with loss, and what never came", () => {
    const rows = [0, 1].flatMap((loss) => {
      const network = `rtt=80ms,${loss > 0 ? `loss=${loss}%,` : ""}cc=cubic`;
      return [
        over(network, "ws", 81, withTail(81, 90 + 160 * loss)),
        over(network, "udp", 81, { ...withTail(81, 90), expected: 1_000, lost: 20 * loss }),
      ];
    });
    const { "By loss each way": text, "Cost of loss": cost } = answersOf(...rows);
    expect(text).toContain("At 1 % udp is first: 99 % of the deliveries arrive within 90.0 ms.");
    expect(text).toContain("From 1 % of loss each way on, ws (250 ms at 1 %, 2.8 times the first) is behind.");
    expect(cost).toContain("From 0 % to 1 % of loss that latency grows: udp 1.0 times and ws 2.8 times.");
    expect(cost).toContain("Deliveries that never came at 1 %: udp 2.0 %.");
  });

  it("say how full a narrow link is, in its fuller way", () => {
    const rows = ["1mbit/1mbit", "64kbit/32kbit"].map((rate) =>
      over(`rtt=80ms,rate=${rate},queue=100ms,cc=cubic`, "ws", 80, {
        wire_bytes_in: 20_000,
        wire_bytes_out: 20_000,
        clients: 10,
        duration_s: 1,
      }),
    );
    expect(answersOf(...rows)["Filling of a link"]).toBe(
      "Of a link of 32 kbit/s the bytes on the sockets alone take ws 50 %.",
    );
  });

  it("leave invalid rows out", () => {
    const rows = [20, 100].flatMap((rtt) => [
      over(`rtt=${rtt}ms,cc=cubic`, "ws", rtt),
      over(`rtt=${rtt}ms,cc=cubic`, "tcp", 1, { status: "invalid" }),
    ]);
    const texts = Object.values(answersOf(...rows)).join(" ");
    expect(texts).toContain("over ws");
    expect(texts).not.toContain("tcp");
  });
});
