import { expect, it } from "vitest";
import { parsePacket, countSegments, streamBytes } from "./capture.ts";

const port = 8181;
const line = (...cells: (number | string)[]): string => cells.join("\t");
const segment = (from: number, to: number, bytes: number, retransmission = "") =>
  parsePacket(line("", from, to, bytes, 20, 32, retransmission, ""), port);

it("finds the direction of a segment by the server's port", () => {
  const expected = { clientPort: 5000, streamBytes: 98, headerBytes: 52, retransmitted: false };
  expect(segment(5000, port, 98)).toEqual({ ...expected, direction: "in" });
  expect(segment(port, 5000, 98)).toEqual({ ...expected, direction: "out" });
});

it("finds the number of a mark by its length", () => {
  expect(parsePacket(line(8 + 3, "", "", "", 20, "", "", ""), port)).toEqual({ mark: 3 });
});

it("counts the bytes of a stream without retransmissions", () => {
  const packets = [segment(5000, port, 10), segment(5000, port, 10, "1"), { mark: 1 }, segment(port, 5000, 7)];
  expect(streamBytes(packets)).toEqual({ in: 10, out: 7 });
});

it("counts the segments of the busiest connection only, acknowledgements included", () => {
  const send = [segment(5000, port, 300), segment(port, 5000, 110), segment(5000, port, 0)];
  const emptyPoll = [segment(6000, port, 100), segment(port, 6000, 112)];
  expect(countSegments([...emptyPoll, ...send], "in")).toEqual({ segments: 3, headerBytes: 156 });
  expect(countSegments([], "in")).toEqual({ segments: 0, headerBytes: 0 });
});
