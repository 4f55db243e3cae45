import { describe, expect, it } from "vitest";
import { columns } from "../model/columns.ts";
import { mergeHistograms } from "../statistics/histogram.ts";
import type { ProcessLoad } from "../model/measurement.ts";
import {
  duplexTraffic,
  idleProcess,
  testKeys,
  testMeasurement,
  testFault,
  testNetwork,
  testProxy,
  recordedHistogram,
} from "../testing/measurement.ts";
import { failedRow, buildRow } from "./row.ts";

const rowOf = (changes: Parameters<typeof testMeasurement>[0] = {}) => buildRow(testKeys, testMeasurement(changes));
const busy = (cpuPercent: number, elu = 0.1): ProcessLoad => ({ ...idleProcess, cpuPercent, elu });

/** Wire bytes of polling clients, which have two connections each. */
const polledWire = { up: { in: 3_000, out: 800 }, down: { in: 20_000, out: 31_000 }, duplex: { in: 0, out: 0 } };

it("has the proxy's costs per delivery, and the bytes between it and the clients", () => {
  const row = rowOf({ traffic: duplexTraffic, proxy: testProxy });
  expect(row).toMatchObject({
    proxy_version: "1.22.1",
    proxy_cpu_us_per_delivery: 20_000 / duplexTraffic.payloadsOut,
    proxy_rss_mib: 12,
    client_wire_bytes_out: 40_000,
  });
  expect(
    rowOf({ traffic: duplexTraffic, proxy: { ...testProxy, cpuUs: undefined, clientBytes: undefined } }),
  ).not.toHaveProperty("client_wire_bytes_in");
});

describe("a row", () => {
  it("has a value in every column of the table when everything was measured, and no other column", () => {
    const { error, ...others } = Object.fromEntries(Object.keys(columns).map((name) => [name, true]));
    const observerVsReceivers = {
      observersP50Us: 900,
      receiversP50Us: 1_000,
      observersP95Us: 900,
      receiversP95Us: 1_000,
    };
    const traffic = { ...duplexTraffic, wire: polledWire, pollsAnswered: 50 };
    const idling = rowOf({ traffic, idle: { cycles: 2, periodMs: 25_000, aligned: true } });
    const paused = { clients: 2, dropped: 1, expected: 20, delivered: 13 };
    const polling = {
      ...idling,
      ...rowOf({ traffic, observerVsReceivers, paused, network: testNetwork, proxy: testProxy, fault: testFault }),
      ...rowOf({ traffic, observerVsReceivers }),
    };
    expect(error).toBe(true);
    expect(Object.keys(polling).toSorted()).toEqual(Object.keys(others).toSorted());
    expect(Object.values(polling)).not.toContain(undefined);
    expect(Object.values(polling)).not.toContain(NaN);
  });

  it("has the keys of its trial, and is valid without a reason when nothing is wrong", () => {
    expect(rowOf()).toMatchObject({ ...testKeys, status: "valid", reasons: "" });
  });

  it("says which clocks its latency comes from, how wrong these may be, and of which deliveries it is", () => {
    const observerVsReceivers = { observersP50Us: 1, receiversP50Us: 2, observersP95Us: 1, receiversP95Us: 2 };
    expect(rowOf()).toMatchObject({ clock: "host", clock_error_us: 0, latency_of: "all", fanout_p50_us: 1_000 });
    expect(rowOf({ clock: { hosts: 3, errorUs: 67.2, latencyOf: "all" }, observerVsReceivers })).toMatchObject({
      clock: "3 agents",
      clock_error_us: 68,
      latency_of: "all",
      fanout_p50_us: 1_000,
    });
    const clock = { hosts: 1, pages: 5, errorUs: 80, latencyOf: "all" } as const;
    expect(rowOf({ clock })).toMatchObject({ clock: "5 pages", clock_error_us: 80, rules: "clients-in-pages" });
    const oneHost = rowOf({ clock: { hosts: 3, errorUs: 667, latencyOf: "one host" } });
    expect(oneHost).toMatchObject({
      clock_error_us: 667,
      latency_of: "one host",
      rules: "clock-error",
    });
    expect(oneHost).not.toHaveProperty("fanout_p50_us");
    expect(rowOf({ clock: { hosts: 3, errorUs: NaN, latencyOf: "all" } })).not.toHaveProperty("clock_error_us");
  });

  it("has its clocks and no latency where none is exact enough", () => {
    const none = rowOf({
      clock: { hosts: 2, errorUs: 5_000, latencyOf: "none" },
      latencyUs: recordedHistogram(),
      serviceUs: recordedHistogram(),
      largestUs: new Float32Array(0),
    });
    expect(none).toMatchObject({ clock: "2 agents", clock_error_us: 5_000, send_lag_p50_us: 100, status: "valid" });
    expect(Object.keys(none).filter((name) => /^(latency|service|fanout)/.test(name))).toEqual([]);
  });

  it("counts deliveries to paused clients apart from the losses of the others", () => {
    const paused = { clients: 2, dropped: 1, expected: 20, delivered: 13 };
    expect(rowOf({ paused, expected: 80, delivered: 80 })).toMatchObject({
      expected: 80,
      lost: 0,
      paused_expected: 20,
      paused_delivered: 13,
      paused_dropped: 1,
      worker_processes: 2,
    });
    expect(rowOf({ paused })).not.toHaveProperty("overhead_bytes_per_delivery");
    expect(rowOf({ paused: { ...paused, dropped: 0 } })).toHaveProperty("overhead_bytes_per_delivery");
  });

  it("counts clients that were refused or dropped, and leaves empty what they make unknown", () => {
    expect(rowOf()).toMatchObject({ clients_refused: 0, clients_dropped: 0 });
    const dropped = { dropped: new Map([["reset", 2]]), droppedAtS: [1, 1] };
    const refused = {
      refused: new Map([
        ["503", 3],
        ["reset", 1],
      ]),
    };
    expect(rowOf({ gone: dropped })).toMatchObject({ clients_refused: 0, clients_dropped: 2, connect_bytes_in: 200 });
    expect(rowOf({ gone: dropped })).not.toHaveProperty("overhead_bytes_per_delivery");
    expect(rowOf({ gone: refused })).toMatchObject({ clients_refused: 4, clients_dropped: 0, connects_per_s: 12 });
    expect(rowOf({ gone: refused })).not.toHaveProperty("connect_bytes_in");
    expect(rowOf()).toHaveProperty("overhead_bytes_per_send");
    for (const gone of [dropped, refused]) expect(rowOf({ gone })).not.toHaveProperty("overhead_bytes_per_send");
  });

  it("takes overhead from whole sessions, and connect bytes from first sessions", () => {
    const exchanged = {
      wire: { ...duplexTraffic.wire, duplex: { in: 3_200, out: 2_400 } },
      payloadsIn: 20,
      payloadsOut: 20,
    };
    const uncut = { ...duplexTraffic, ...exchanged, payloadBytesIn: 2_000, payloadBytesOut: 2_000 };
    const sessions = { firstSessions: 4, delayed: 0, failures: new Map() };
    expect(rowOf({ sessions, uncut })).toMatchObject({
      connect_bytes_in: 500,
      connect_bytes_out: 375,
      connects_per_s: 6,
      overhead_bytes_per_send: 60,
      overhead_bytes_per_delivery: 20,
      wire_bytes_in: 1_400,
      wire_bytes_out: 11_000,
    });
  });

  it("spreads CPU and segments over messages to the server too, where it is a receiver", () => {
    const [ingest, both] = [{ ...duplexTraffic, payloadsOut: 0, payloadBytesOut: 0 }, duplexTraffic];
    const cpuOf = (changes: Parameters<typeof testMeasurement>[0]) => rowOf(changes).server_cpu_us_per_delivery;
    expect(cpuOf({ traffic: ingest, receivedByServer: 10 })).toBe(idleProcess.cpuUs / 10);
    expect(cpuOf({ traffic: both, receivedByServer: 10 })).toBe(Number((idleProcess.cpuUs / 110).toFixed(2)));
    expect(rowOf({ traffic: ingest, receivedByServer: 10 })).not.toHaveProperty("overhead_bytes_per_delivery");
    expect(cpuOf({ traffic: ingest, receivedByServer: 0 })).toBeUndefined();
  });

  it("spreads the bytes of whole idle cycles over the period that they have by default", () => {
    const found = rowOf({ idle: { cycles: 2, periodMs: 25_000, aligned: true } });
    expect(found.idle_bytes_per_client_s).toBe(Number((12_400 / 2 / 25 / testKeys.clients).toFixed(3)));
    expect(found).not.toHaveProperty("expected");
  });

  it("leaves idle bytes empty, with a note, when the window cuts cycles in two", () => {
    const found = rowOf({ planned: 0, idle: { cycles: 2, periodMs: 25_000, aligned: false } });
    expect(found).not.toHaveProperty("idle_bytes_per_client_s");
    expect(found).toMatchObject({
      status: "valid",
      reasons: expect.stringMatching(/never silent .* --clients\.$/),
    });
  });

  it("leaves a percentile empty when fewer than ten distinct messages reached it", () => {
    const latencyUs = recordedHistogram(...Array.from({ length: 99 }, () => 1_000), 50_000, 50_000);
    const largestUs = (slow: number): Float32Array =>
      Float32Array.from({ length: 40 }, (_, i) => (i < 40 - slow ? 1_000 : 50_000));
    expect(rowOf({ latencyUs, largestUs: largestUs(9) })).toMatchObject({ latency_p50_us: 1_000 });
    expect(rowOf({ latencyUs, largestUs: largestUs(9) })).not.toHaveProperty("latency_p99_us");
    expect(rowOf({ latencyUs, largestUs: largestUs(10) }).latency_p99_us).toBeCloseTo(50_000, -2);
    expect(rowOf({ latencyUs, largestUs: largestUs(9) }).reasons).toMatch(/Fewer than 10 messages reached the 99th/);
    expect(rowOf({ latencyUs, largestUs: largestUs(9) }).status).toBe("valid");
  });

  it("has the bytes of TCP and IP headers, unless segments were retransmitted", () => {
    expect(rowOf()).toMatchObject({
      tcp_segments_per_delivery: 2.5,
      tcp_ip_bytes_per_delivery: 130,
      tcp_retransmissions: 0,
    });
    const again = rowOf({ packets: { segments: 251, retransmissions: 1, octets: 25_600 } });
    expect(again).toMatchObject({ tcp_segments_per_delivery: 2.51, tcp_retransmissions: 1 });
    expect(again).not.toHaveProperty("tcp_ip_bytes_per_delivery");
    expect(rowOf({ packets: undefined })).not.toHaveProperty("tcp_segments_per_delivery");
  });

  it("counts expected messages that were not delivered as lost", () => {
    const seen = { expected: 100, delivered: 93, duplicated: 4, reordered: 3, corrupted: 2, unexpected: 1 };
    expect(rowOf(seen)).toMatchObject({ ...seen, sent: 10, lost: 7, rules: "messages-lost" });
  });

  it("divides the first deliveries inside the window, also of warm-up messages, by its length", () => {
    expect(rowOf({ windowDeliveries: 117, delivered: 100 }).deliveries_per_s).toBe(58.5);
  });

  it("has connect times in milliseconds, and connect bytes per client", () => {
    const found = rowOf();
    expect(found.connect_p50_ms).toBeCloseTo(2, 2);
    expect(found.connect_p99_ms).toBeCloseTo(3, 2);
    expect(found).toMatchObject({ connects_per_s: 20, connect_bytes_in: 200, connect_bytes_out: 150 });
  });

  it("takes all percentiles from one histogram, in order, and keeps that histogram", () => {
    const thousand = recordedHistogram(...Array.from({ length: 1_000 }, (_, i) => i + 1));
    const found = rowOf({
      latencyUs: thousand,
      serviceUs: recordedHistogram(5, 6, 7),
      sendLagUs: recordedHistogram(0, 40),
    });
    expect(found).toMatchObject({
      latency_min_us: 1,
      latency_p50_us: 500,
      latency_p90_us: 900,
      latency_p99_us: 990,
      latency_p999_us: 999,
      latency_max_us: 1_000,
      latency_mean_us: 500.5,
      service_p50_us: 6,
      service_p99_us: 7,
      send_lag_p50_us: 0,
      send_lag_p99_us: 40,
    });
    expect(mergeHistograms([found.latency_histogram!]).totalCount).toBe(1_000);
  });

  it("has no latency without a delivery, and no send lag without a send", () => {
    const none = { latencyUs: recordedHistogram(), serviceUs: recordedHistogram(), sendLagUs: recordedHistogram() };
    const names = Object.keys(rowOf({ ...none, delivered: 0, windowDeliveries: 0 }));
    expect(names.filter((name) => /^(latency|service|send_lag)_/.test(name))).toEqual([]);
    expect(names).not.toContain("client_cpu_us_per_delivery");
  });
});

describe("the bytes of a row", () => {
  it("on duplex sockets: bytes in are the cost of sends, bytes out the cost of deliveries", () => {
    expect(rowOf()).toMatchObject({
      wire_bytes_in: 1_400,
      wire_bytes_out: 11_000,
      payload_bytes_in: 1_000,
      payload_bytes_out: 10_000,
      overhead_bytes_per_send: 40,
      overhead_bytes_per_delivery: 10,
    });
  });

  it("on polling sockets: both directions of each socket, empty polls included", () => {
    expect(
      rowOf({ traffic: { ...duplexTraffic, wire: polledWire, pollsAnswered: 160, emptyPollBytes: 9_000 } }),
    ).toMatchObject({
      wire_bytes_in: 23_000,
      wire_bytes_out: 31_800,
      overhead_bytes_per_send: 280,
      overhead_bytes_per_delivery: 410,
      polls_answered: 160,
      deliveries_per_poll: 0.625,
      empty_poll_bytes_per_delivery: 90,
    });
  });

  it("on sockets that carry polls and sends: all bytes count for deliveries", () => {
    const found = rowOf({ traffic: { ...duplexTraffic, pollsAnswered: 160 } });
    expect(found).toMatchObject({ overhead_bytes_per_delivery: 14, deliveries_per_poll: 0.625 });
    expect(found).not.toHaveProperty("overhead_bytes_per_send");
  });

  it("have no quotient without a message to divide by", () => {
    const silent = { ...duplexTraffic, payloadsIn: 0, payloadBytesIn: 0, payloadsOut: 0, payloadBytesOut: 0 };
    const found = rowOf({ traffic: silent });
    expect(found).toMatchObject({ wire_bytes_in: 1_400, payload_bytes_in: 0 });
    for (const name of ["per_send", "per_delivery"] as const)
      expect(found).not.toHaveProperty(`overhead_bytes_${name}`);
    for (const name of [
      "deliveries_per_poll",
      "empty_poll_bytes_per_delivery",
      "polls_answered",
      "server_cpu_us_per_delivery",
    ])
      expect(found).not.toHaveProperty(name);
  });

  it("are empty, not 0, when nobody counts them", () => {
    const names = Object.keys(rowOf({ traffic: undefined, countedAt: undefined, connect: { bytes: undefined } }));
    expect(names.filter((name) => name.includes("bytes_"))).toEqual([]);
  });

  it("counted at the clients, are those of the window, and the overhead is that of the whole load", () => {
    const uncut = { ...duplexTraffic, wire: { ...duplexTraffic.wire, duplex: { in: 1_500, out: 11_500 } } };
    expect(rowOf({ countedAt: "clients", uncut })).toMatchObject({
      bytes_counted_at: "clients",
      wire_bytes_in: 1_400,
      wire_bytes_out: 11_000,
      overhead_bytes_per_send: 50,
      overhead_bytes_per_delivery: 15,
    });
  });

  it("counted at the clients, do not tell what empty polls cost", () => {
    const traffic = { ...duplexTraffic, wire: polledWire, pollsAnswered: 160, emptyPollBytes: NaN };
    const found = rowOf({ countedAt: "clients", traffic, uncut: traffic });
    expect(found).toMatchObject({ polls_answered: 160, deliveries_per_poll: 0.625 });
    expect(found).not.toHaveProperty("empty_poll_bytes_per_delivery");
  });

  it("counted at polling clients, are those of the window, but the sends are those of the whole load", () => {
    const traffic = { ...duplexTraffic, wire: polledWire, pollsAnswered: 160, emptyPollBytes: NaN };
    const idlePolls = { up: { in: 3_050, out: 850 }, down: { in: 90_000, out: 90_000 } };
    const uncut = { ...traffic, wire: { ...polledWire, ...idlePolls }, pollsAnswered: 900 };
    expect(rowOf({ countedAt: "clients", traffic, uncut })).toMatchObject({
      overhead_bytes_per_send: 290,
      overhead_bytes_per_delivery: 410,
      deliveries_per_poll: 0.625,
    });
  });
});

describe("the costs of a row", () => {
  it("are the server's, the busiest worker's, and per delivery those of all workers", () => {
    const workers = [busy(30, 0.7), busy(50, 0.4)];
    expect(rowOf({ servers: [{ ...busy(20, 0.25), cpuUs: 5_000 }], workers, windowDeliveries: 200 })).toMatchObject({
      server_cpu_us_per_delivery: 50,
      server_cpu_percent: 20,
      server_rss_mib: 64,
      server_elu: 0.25,
      client_cpu_percent: 50,
      client_cpu_us_per_delivery: 2_000,
      client_elu: 0.7,
      worker_processes: 2,
    });
  });

  it("are sums of CPU and memory over several servers, and the largest of loop figures", () => {
    const one = { ...busy(20, 0.25), cpuUs: 5_000, loopDelayP99Us: 700, loopDelayMaxUs: 9_000 };
    const other = { ...busy(30, 0.2), cpuUs: 7_000, loopDelayP99Us: 800, loopDelayMaxUs: 8_000 };
    expect(rowOf({ servers: [one, other] })).toMatchObject({
      server_cpu_us_per_delivery: 120,
      server_cpu_percent: 50,
      server_rss_mib: 128,
      server_elu: 0.25,
      server_loop_delay_p99_ms: 0.8,
      server_loop_delay_max_ms: 9,
      server_gc_ms: 6,
    });
  });

  it("are the workers' alone, without a bottleneck, when the harness did not start the server", () => {
    const foreign = { traffic: undefined, servers: [], rssBaselineBytes: undefined, rssMiddleBytes: undefined };
    const found = rowOf({
      ...foreign,
      connect: { bytes: undefined },
      slices: [],
      rssPerClientBytes: undefined,
    });
    expect(Object.keys(found).filter((name) => /^server_(?!processes)/.test(name))).toEqual([]);
    expect(found).not.toHaveProperty("bottleneck");
    expect(found).toMatchObject({ status: "valid", client_cpu_percent: 10, latency_max_us: 1_000 });
    expect(rowOf({ ...foreign, workers: [busy(95)] }).bottleneck).toBe("workers");
  });

  it("are CPU and memory alone of a server that is an external program", () => {
    const unknown = { elu: NaN, gcUs: NaN, loopDelayP99Us: NaN, loopDelayMaxUs: NaN };
    const other = { ...busy(50), cpuUs: 30_000, rssBytes: 2 ** 20, ...unknown };
    const found = rowOf({
      traffic: undefined,
      servers: [other],
      rssPerClientBytes: undefined,
      windowDeliveries: 1_500,
    });
    expect(found).toMatchObject({ server_cpu_us_per_delivery: 20, server_cpu_percent: 50, server_rss_mib: 1 });
    expect(Object.keys(found).filter((name) => /^server_(elu|gc|loop|rss_kib)/.test(name))).toEqual([]);
  });

  it.each([
    { limit: "nothing", servers: [89.9], workers: [89.9, 10], cores: 4 },
    { limit: "server", servers: [90], workers: [95, 10], cores: 4 },
    { limit: "server", servers: [40, 90], workers: [95, 10], cores: 4 },
    { limit: "workers", servers: [80], workers: [10, 90], cores: 4 },
    { limit: "machine", servers: [80], workers: [50, 50], cores: 2 },
    { limit: "machine", servers: [40, 40], workers: [50, 50], cores: 2 },
    { limit: "nothing", servers: [80], workers: [50, 49.9], cores: 2 },
  ])("are limited by $limit at $servers % servers, $workers % workers of $cores cores", ({ limit, ...loads }) => {
    const [servers, workers] = [loads.servers, loads.workers].map((all) => all.map((each) => busy(each)));
    expect(rowOf({ servers: servers!, workers: workers!, cores: loads.cores }).bottleneck).toBe(limit);
  });
});

describe("the cells of a fault", () => {
  type Client = (typeof testFault.interruptions)[number];
  const harmless: Client = { ...testFault.interruptions[1]!, liveUs: 0, caughtUpUs: NaN, possible: 0 };
  const cellsOf = (interruptions: readonly Client[], changes: Partial<typeof testFault> = {}) =>
    rowOf({ fault: { ...testFault, interruptions, serverDetectUs: [], ...changes } });
  const clientsWith = (name: keyof Client, values: readonly number[], more: Partial<Client> = {}) =>
    values.map((value): Client => ({ ...harmless, ...more, [name]: value }));

  it("are empty without a fault", () => {
    expect(Object.keys(rowOf()).filter((name) => /affected|noticed|back_p|missed|storm|fault_late/.test(name))).toEqual(
      [],
    );
  });

  it("are those of the clients that it met: who noticed, who was back, and what was missed of what was due", () => {
    expect(rowOf({ fault: testFault })).toMatchObject({
      affected: 2,
      noticed: 1,
      detect_p50_ms: 20,
      detect_p99_ms: 20,
      server_detect_p50_ms: 21,
      back_p50_ms: 1_500,
      back_p99_ms: 1_500,
      gave_up: 0,
      live_p50_ms: 90,
      live_p99_ms: 1_510,
      caught_up_p50_ms: 40,
      caught_up_p99_ms: 60,
      missed: 28,
      missed_percent: 70,
      replayed: 1,
      unsaid: 4,
      storm_per_s: 120,
      server_cpu_peak_percent: 33.3,
      bystanders_p99_us: 2_000,
      recovery_bytes: 900,
      fault_late_ms: 12.3,
    });
  });

  it("have the median and the 99th percentile of 200 clients, in milliseconds", () => {
    const upTo200 = Array.from({ length: 200 }, (_, i) => 1_000 * (200 - i));
    expect(cellsOf(clientsWith("detectUs", upTo200))).toMatchObject({ detect_p50_ms: 100, detect_p99_ms: 198 });
    expect(cellsOf(clientsWith("liveUs", upTo200))).toMatchObject({ live_p50_ms: 100, live_p99_ms: 198 });
  });

  it("count a client that was never back or live as slower than all others, and leave a quantile empty that is its", () => {
    const gone: Client = { ...harmless, detectUs: 5_000, backUs: NaN, gaveUp: true, liveUs: NaN };
    const back = clientsWith("backUs", [1_000, 2_000], { detectUs: 5_000, liveUs: 3_000 });
    const cells = cellsOf([...back, gone]);
    expect(cells).toMatchObject({ noticed: 3, gave_up: 1, back_p50_ms: 2, live_p50_ms: 3 });
    expect([cells.back_p99_ms, cells.live_p99_ms]).toEqual([undefined, undefined]);
    const most = cellsOf([back[0]!, gone, gone]);
    expect([most.back_p50_ms, most.live_p50_ms]).toEqual([undefined, undefined]);
  });

  it("have the server's median over all affected, if it lost half of them", () => {
    const clients = clientsWith("liveUs", [1, 2, 3, 4]);
    const serverMedian = (serverDetectUs: number[]) => cellsOf(clients, { serverDetectUs }).server_detect_p50_ms;
    expect(serverMedian([1_000, 2_000, 3_000, 4_000])).toBe(2);
    expect(serverMedian([1_000, 2_000, 3_000])).toBe(2);
    expect(serverMedian([1_000, 2_000])).toBe(2);
    expect(serverMedian([1_000])).toBeUndefined();
  });

  it("are empty where nothing could be missed, nobody else was there, or it is not known", () => {
    const cells = cellsOf([harmless], {
      bystandersUs: recordedHistogram(),
      recoveryBytes: undefined,
      serverCpuPeakPercent: undefined,
    });
    const { missed, missed_percent, bystanders_p99_us, recovery_bytes, server_cpu_peak_percent } = cells;
    expect([missed, missed_percent, bystanders_p99_us, recovery_bytes, server_cpu_peak_percent]).toEqual([
      0,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect([cells.detect_p50_ms, cells.back_p50_ms, cells.caught_up_p50_ms]).toEqual([undefined, undefined, undefined]);
  });
});

it("a trial over several machines is limited by one of them where all its cores are busy", () => {
  const machine = (cpuPercent: number) => {
    const agents = [{ name: "b1", clients: 5, cpuPercent, clockErrorUs: 10 }];
    return { agents, cores: 2, cpuPercent, otherCpuPercent: 0, cpuWaitPercent: 0 };
  };
  const limitOf = (...percents: number[]) =>
    rowOf({ servers: [busy(80)], workers: [busy(80)], cores: 2, hosts: percents.map(machine) }).bottleneck;
  expect([limitOf(179.9, 100), limitOf(100, 180)]).toEqual(["nothing", "machine"]);
});

it("the row of a failed trial has its keys and the error, and no numbers", () => {
  expect(failedRow(testKeys, "the ws server was killed")).toEqual({
    ...testKeys,
    status: "failed",
    error: "the ws server was killed",
  });
});
