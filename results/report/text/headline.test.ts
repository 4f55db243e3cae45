import { describe, expect, it } from "vitest";
import type { Row } from "../../model/columns.ts";
import { failedRow } from "../../rows/row.ts";
import { testKeys } from "../../testing/measurement.ts";
import { headline } from "./headline.ts";
import { validityNotes } from "./validity-notes.ts";
import { loadGroupOf, repeatedRows, rowOf } from "../../testing/report-rows.ts";

/** Text about a topic, with plain spaces. */
function textAbout(topic: string, ...rows: Row[]): string {
  const group = loadGroupOf(...rows);
  const sentences = [...headline(group).sentences, ...validityNotes(group)].filter((each) => each.topic === topic);
  return sentences.map(({ text }) => text.replaceAll("\u00a0", " ")).join(" ");
}

const lead = (...rows: Row[]): string => headline(loadGroupOf(...rows)).lead;
const latencies = (...all: [string, number][]): Row[] =>
  all.map(([transport, us]) => rowOf(transport, { latency_p50_us: us }));

describe("the lead", () => {
  it("names the transport that is first in everything, with and without raw TCP", () => {
    const rows = [
      rowOf("tcp", { latency_p50_us: 1_000, overhead_bytes_per_delivery: 4, server_cpu_us_per_delivery: 10 }),
      rowOf("ws", { latency_p50_us: 2_000, overhead_bytes_per_delivery: 5, server_cpu_us_per_delivery: 20 }),
      rowOf("long-poll", { latency_p50_us: 4_000, overhead_bytes_per_delivery: 300, server_cpu_us_per_delivery: 40 }),
    ];
    expect(lead(...rows)).toBe(
      "tcp is first in latency, header overhead and server CPU. " +
        "Without raw TCP, which browsers cannot use: ws is first in latency, header overhead and server CPU.",
    );
  });

  it("names each leader where there are several", () => {
    const rows = [
      rowOf("a", { latency_p50_us: 1_000, overhead_bytes_per_delivery: 40, server_cpu_us_per_delivery: 10 }),
      rowOf("b", { latency_p50_us: 2_000, overhead_bytes_per_delivery: 4, server_cpu_us_per_delivery: 11 }),
    ];
    expect(lead(...rows)).toBe(
      "a is first in latency; b is first in header overhead; a and b are tied for first in server CPU.",
    );
  });

  it("says that there is no comparison with one transport, and no result without a valid row", () => {
    expect(lead(rowOf("ws"))).toBe("Only ws was measured, so there is no comparison.");
    expect(lead(failedRow(testKeys, "it broke"), rowOf("tcp", { status: "invalid" }))).toMatch(
      /^No row is valid or suspect/,
    );
  });
});

describe("latency", () => {
  it("is given relative to the first, with the remark that this holds at this load", () => {
    expect(textAbout("Latency", ...latencies(["a", 1_000], ["b", 1_500], ["c", 500_000]))).toMatch(
      /^a is first: half of the deliveries arrive within 1.00 ms; b \+50 % \(1.50\); c 500 times \(500\)\. This ranking holds at this load:/,
    );
  });

  it("has no first where one repeat differs by at most a quarter", () => {
    expect(textAbout("Latency", ...latencies(["a", 1_000], ["b", 1_200]))).toMatch(/^a and b cannot be distinguished:/);
  });

  it("names ties behind the first as well", () => {
    expect(textAbout("Latency", ...latencies(["a", 1_000], ["b", 3_000], ["c", 3_100]))).toContain(
      "b and c cannot be distinguished either.",
    );
  });

  it("has no first in the tail where only one transport has a value", () => {
    const [slow, fast] = [rowOf("slow", { latency_p50_us: 8_000 }), rowOf("fast")];
    delete fast.latency_p99_us;
    expect(textAbout("Tail latency", { ...slow, latency_p99_us: 8_000 }, fast)).toBe(
      "Known for slow only: 99 % of the deliveries arrive within 8.00 ms.",
    );
  });
});

describe("bytes", () => {
  it("are given as a difference, and as a total on the wire that can reverse the order", () => {
    const wire: Row = {
      payload_bytes: 100,
      payload_bytes_in: 100,
      payload_bytes_out: 10_000,
      overhead_bytes_per_send: 100,
    };
    const rows = [
      rowOf("a", { ...wire, overhead_bytes_per_delivery: 4, tcp_ip_bytes_per_delivery: 104 }),
      rowOf("b", { ...wire, overhead_bytes_per_delivery: 4, tcp_ip_bytes_per_delivery: 104 }),
      rowOf("poll", { ...wire, overhead_bytes_per_delivery: 30, tcp_ip_bytes_per_delivery: 10 }),
    ];
    expect(textAbout("Header overhead", ...rows)).toBe(
      "a and b are equal: the overhead is 4.0 B per delivery; poll 7.5 times (30.0, 26.0 more). Total per delivery on the wire, " +
        "with payload, share of the send and TCP/IP headers: poll 142, a 210, b 210 B.",
    );
  });

  it("of an idle load are those of idle connections, and have no ratio to 0", () => {
    const idle = (transport: string, bytes: number): Row => {
      const { transport: name, status, clients, scenario } = rowOf(transport);
      return {
        transport: name!,
        status: status!,
        clients: clients!,
        scenario: scenario!,
        idle_bytes_per_client_s: bytes,
      };
    };
    const rows = [idle("tcp", 0), idle("ws", 0.32), idle("short-poll", 215)];
    expect(textAbout("Idle traffic", ...rows)).toBe(
      "tcp is first: without messages a connection costs 0.00 B per client and second; ws (0.32); short-poll (215.00).",
    );
    expect(textAbout("Latency", ...rows)).toBe("");
    expect(textAbout("Polling", ...rows)).toBe("");
  });
});

it("describes the trade-off of polling with its numbers", () => {
  expect(textAbout("Polling", rowOf("ws"))).toBe("");
  const poll = rowOf("short-poll", {
    latency_p50_us: 500_000,
    deliveries_per_poll: 47.2,
    overhead_bytes_per_delivery: 11,
  });
  expect(textAbout("Polling", poll, rowOf("ws"))).toContain(
    "short-poll has 47.2 deliveries per poll (median latency 500 ms, 11.0 B and 2.0 us of server CPU per delivery)",
  );
});

describe("remarks", () => {
  it("ask for more repeats where there is one, and give the confidence of several", () => {
    expect(textAbout("Repeats", rowOf("a"), rowOf("b"))).toMatch(
      /^Each transport has only one repeat\. .*--repeat 5\.$/,
    );
    const cpu = { server_cpu_us_per_delivery: [1, 2, 3] };
    expect(textAbout("Repeats", ...repeatedRows("a", cpu), ...repeatedRows("b", cpu))).toBe(
      "With 3 repeats, the interval of a median contains the true median with a probability of 75.0 %.",
    );
    expect(textAbout("Repeats", ...repeatedRows("a", cpu), rowOf("b"))).toMatch(/^b has only one repeat/);
    expect(textAbout("Repeats", ...repeatedRows("a", cpu), rowOf("b"), rowOf("c"))).toMatch(/^b and c have only one/);
  });

  it("name the rows that are suspect, invalid or failed", () => {
    const rows = [
      ...repeatedRows("a", { latency_p50_us: [1, 2, 3] }).map((row, i): Row =>
        i === 1 ? { ...row, status: "suspect" } : row,
      ),
      rowOf("b", { status: "invalid" }),
      { ...failedRow({ ...testKeys, transport: "c" }, "it broke") },
    ];
    expect(textAbout("Validity", ...rows)).toMatch(
      /^Failed and left out: c\. Invalid and left out: b\. Suspect but included: a #2\./,
    );
  });

  it("name faulty deliveries and bottlenecks", () => {
    const rows = [rowOf("a", { lost: 3, reordered: 1_200 }), rowOf("b", { lost: 0, bottleneck: "server" })];
    expect(textAbout("Message loss", ...rows)).toBe(
      "Faulty deliveries in all repeats together: a 3 lost, a 1,200 reordered.",
    );
    expect(textAbout("Saturation", ...rows)).toMatch(/: b \(server\)\.$/);
  });
});
