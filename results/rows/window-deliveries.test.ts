import { expect, it } from "vitest";
import { windowDeliveries } from "./window-deliveries.ts";

it("the deliveries of a window are counted by their bytes, to a part of one", () => {
  expect(windowDeliveries({ payload_bytes: 128, payload_bytes_out: 128 * 990, delivered: 1_000 })).toBe(990);
  expect(windowDeliveries({ payload_bytes: 128, payload_bytes_out: 128 * 990 })).toBe(990);
});

it("answers of another length are counted one by one", () => {
  expect(windowDeliveries({ payload_bytes: 128, payload_bytes_out: 18 * 400, delivered: 400 })).toBe(400);
});

it("without bytes there are none to count", () => {
  for (const row of [{}, { payload_bytes: 128 }, { payload_bytes: 128, payload_bytes_out: 0, delivered: 4 }])
    expect(windowDeliveries(row)).toBeUndefined();
});
