import { windowDeliveries } from "../../rows/window-deliveries.ts";
import { median } from "../../statistics/median.ts";
import type { TransportEntry } from "./load-groups.ts";
import { linkRateOf, networkWords } from "./network-conditions.ts";

/** Bytes on the sockets in both directions per delivery, payload included; undefined where they were not counted. */
export function socketBytesPerDelivery({ counted }: TransportEntry): number | undefined {
  return median(
    counted.flatMap((row) => {
      const { wire_bytes_in: up, wire_bytes_out: down } = row;
      const deliveries = windowDeliveries(row);
      return up === undefined || down === undefined || !deliveries ? [] : [(up + down) / deliveries];
    }),
  );
}

/** How full the fuller way of a client's link is, in percent, without TCP and IP headers; undefined without a rate. */
export function linkFillPercent({ counted }: TransportEntry): number | undefined {
  return median(
    counted.flatMap((row) => {
      const { wire_bytes_in: up, wire_bytes_out: down, clients, duration_s: seconds } = row;
      const rate = linkRateOf(networkWords(row.network) ?? {});
      if (!rate || up === undefined || down === undefined || !clients || !seconds) return [];
      return [100 * Math.max((8 * up) / rate.up, (8 * down) / rate.down) * (1 / (1000 * clients * seconds))];
    }),
  );
}
