import { describe, expect, it } from "vitest";
import type { Row } from "../../model/columns.ts";
import { failedRow } from "../../rows/row.ts";
import { testKeys } from "../../testing/measurement.ts";
import { headline } from "./headline.ts";
import { validityNotes } from "./validity-notes.ts";
import { loadGroupOf, repeatedRows, rowOf } from "../../testing/report-rows.ts";

/** What is said of a thing, with plain spaces. */
function said(about: string, ...rows: Row[]): string {
  const given = loadGroupOf(...rows);
  const sentences = [...headline(given).sentences, ...validityNotes(given)].filter(
    (sentence) => sentence.topic === about,
  );
  return sentences.map(({ text }) => text.replaceAll("\u00a0", " ")).join(" ");
}

const lead = (...rows: Row[]): string => headline(loadGroupOf(...rows)).lead;
const latencies = (...all: [string, number][]): Row[] =>
  all.map(([transport, us]) => rowOf(transport, { latency_p50_us: us }));

describe("the lead", () => {
  it("names who is first in all, and who is so without raw TCP", () => {
    const rows = [
      rowOf("tcp", { latency_p50_us: 1_000, overhead_bytes_per_delivery: 4, server_cpu_us_per_delivery: 10 }),
      rowOf("ws", { latency_p50_us: 2_000, overhead_bytes_per_delivery: 5, server_cpu_us_per_delivery: 20 }),
      rowOf("long-poll", { latency_p50_us: 4_000, overhead_bytes_per_delivery: 300, server_cpu_us_per_delivery: 40 }),
    ];
    expect(lead(...rows)).toBe(
      "tcp is first in latency, bytes and server CPU. Without raw TCP, which no browser speaks: ws is first in latency, bytes and server CPU.",
    );
  });

  it("names each winner where there are several", () => {
    const rows = [
      rowOf("a", { latency_p50_us: 1_000, overhead_bytes_per_delivery: 40, server_cpu_us_per_delivery: 10 }),
      rowOf("b", { latency_p50_us: 2_000, overhead_bytes_per_delivery: 4, server_cpu_us_per_delivery: 11 }),
    ];
    expect(lead(...rows)).toBe("a is first in latency; b is first in bytes; a and b are level in server CPU.");
  });

  it("says that there is nothing to compare, or nothing to believe", () => {
    expect(lead(rowOf("ws"))).toBe("Only ws was measured: there is nothing to compare it with.");
    expect(lead(failedRow(testKeys, "it broke"), rowOf("tcp", { status: "invalid" }))).toMatch(
      /No row here can be believed/,
    );
  });
});

describe("latency", () => {
  it("says what each of the others takes against the first, and that this is so at this load", () => {
    expect(said("Latency", ...latencies(["a", 1_000], ["b", 1_500], ["c", 500_000]))).toMatch(
      /^a is first: half of the deliveries arrive within 1.00 ms; b \+50 % \(1.50\), c 500 times \(500\)\. That is at this load: an equal rate is not/,
    );
  });

  it("is too close to call where one repeat differs by no more than repeats may", () => {
    expect(said("Latency", ...latencies(["a", 1_000], ["b", 1_200]))).toMatch(/^a and b are too close to call:/);
  });

  it("says so of those behind the first as well", () => {
    expect(said("Latency", ...latencies(["a", 1_000], ["b", 3_000], ["c", 3_100]))).toContain(
      "Too close to call as well: b and c.",
    );
  });

  it("names no first of the tail where all but one are not known", () => {
    const [slow, fast] = [rowOf("slow", { latency_p50_us: 8_000 }), rowOf("fast")];
    delete fast.latency_p99_us;
    expect(said("Tail", { ...slow, latency_p99_us: 8_000 }, fast)).toBe(
      "Known of slow only: 99 % of the deliveries arrive within 8.00 ms.",
    );
  });
});

describe("bytes", () => {
  it("are equal or told as a difference, and as a sum on the wire that can turn the order around", () => {
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
    expect(said("Bytes", ...rows)).toBe(
      "a and b are equal: beside the payload a delivery takes 4.0 B per delivery; poll 7.5 times (30.0, 26.0 more). With payload, its " +
        "share of the send, and the headers of TCP and IP, a delivery takes poll 142, a 210, b 210 B on the wire.",
    );
  });

  it("of an idle load are those of silence, where a base of 0 has no multiple", () => {
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
    expect(said("Idle", ...rows)).toBe(
      "tcp is first: a client that says and hears nothing takes 0.00 B per client and second; ws (0.32), short-poll (215.00).",
    );
    expect(said("Latency", ...rows)).toBe("");
    expect(said("Polling", ...rows)).toBe("");
  });
});

it("says what polling trades, with its numbers", () => {
  expect(said("Polling", rowOf("ws"))).toBe("");
  const poll = rowOf("short-poll", {
    latency_p50_us: 500_000,
    deliveries_per_poll: 47.2,
    overhead_bytes_per_delivery: 11,
  });
  expect(said("Polling", poll, rowOf("ws"))).toContain(
    "short-poll brings 47.2 deliveries an ask: median 500 ms, 11.0 B and 2.0 us of server CPU per delivery",
  );
});

describe("doubts", () => {
  it("say that one repeat is no proof, and what several are worth", () => {
    expect(said("Repeats", rowOf("a"), rowOf("b"))).toMatch(
      /^Each transport has one repeat, and one repeat is no proof: .*--repeat 5\.$/,
    );
    const cpu = { server_cpu_us_per_delivery: [1, 2, 3] };
    expect(said("Repeats", ...repeatedRows("a", cpu), ...repeatedRows("b", cpu))).toBe(
      "With 3 repeats, the intervals that decide what is too close cover the true median with 75.0 %.",
    );
    expect(said("Repeats", ...repeatedRows("a", cpu), rowOf("b"))).toMatch(/^b has one repeat/);
  });

  it("name the rows that are suspect, invalid or failed", () => {
    const rows = [
      ...repeatedRows("a", { latency_p50_us: [1, 2, 3] }).map((row, i): Row =>
        i === 1 ? { ...row, status: "suspect" } : row,
      ),
      rowOf("b", { status: "invalid" }),
      { ...failedRow({ ...testKeys, transport: "c" }, "it broke") },
    ];
    expect(said("Doubts", ...rows)).toMatch(
      /^Failed and left out: c\. Invalid and left out: b\. Suspect, so read with care what is said of them: a #2\./,
    );
  });

  it("name losses and limits", () => {
    const rows = [rowOf("a", { lost: 3, reordered: 1_200 }), rowOf("b", { lost: 0, bottleneck: "server" })];
    expect(said("Losses", ...rows)).toBe("Deliveries that went wrong, over all repeats: a 3 lost, a 1,200 reordered.");
    expect(said("Limits", ...rows)).toMatch(/: b by its server\.$/);
  });
});
