import { countOf } from "../../../results/text/lists.ts";
import { formatNumber, textTable, wrapText, type TextColumn } from "../../../results/text/text-table.ts";
import { checkHypotheses, valueOf, type CheckedHypothesis } from "./hypotheses.ts";
import { tableRttMs, tableTransports, type TableNetwork } from "./network-rows.ts";
import type { NetworkCell, NetworkCellNumber, NetworkTable } from "./network-table.ts";

/** The table and the checked hypotheses as text of at most 80 columns. */
export function networkTableText({ cells }: NetworkTable): string {
  return [rowsText(cells), ...checkHypotheses(cells).map((each) => hypothesisText(each, cells))].join("\n");
}

function rowsText(cells: readonly NetworkCell[]): string {
  const cellOf = (transport: string, network: TableNetwork): NetworkCell =>
    cells.find((cell) => cell.transport === transport && cell.network === network)!;
  const number = (heading: string, network: TableNetwork, name: NetworkCellNumber, per: number, digits = 0) => ({
    heading,
    number: true as const,
    value: (transport: string) => {
      const value = cellOf(transport, network)[name];
      return value === undefined ? "-" : (value / per).toFixed(digits);
    },
  });
  const columns: TextColumn<string>[] = [
    { heading: "\ntransport", value: (transport) => transport },
    number("connect\nms", "clean", "connect_p50_ms", 1),
    number("\n(RTTs)", "clean", "connect_p50_ms", tableRttMs, 1),
    number("0 %\np50", "clean", "latency_p50_us", 1000),
    number("\np99", "clean", "latency_p99_us", 1000),
    number("\nmax", "clean", "latency_max_us", 1000),
    number("1 %\np50", "lossy", "latency_p50_us", 1000),
    number("\np99", "lossy", "latency_p99_us", 1000),
    number("\nmax", "lossy", "latency_max_us", 1000),
    number("lost\n%", "lossy", "lost_percent", 1, 1),
  ];
  const rows = cells.map((cell) => cell.rows);
  const [least, most] = [Math.min(...rows), Math.max(...rows)];
  const count = least === most ? countOf(most, "row") : `${least} to ${countOf(most, "row")}`;
  return `${textTable(columns, tableTransports)}\n${wrapText(
    `Latencies in ms, without loss and with 1 % each way; ${count} of each transport in each network.`,
  )}\n`;
}

const numberNames: Record<NetworkCellNumber, { name: string; per: number; unit: string }> = {
  connect_p50_ms: { name: "connect", per: 1, unit: "ms" },
  latency_p50_us: { name: "p50", per: 1000, unit: "ms" },
  latency_p99_us: { name: "p99", per: 1000, unit: "ms" },
  latency_max_us: { name: "max", per: 1000, unit: "ms" },
  lost_percent: { name: "lost", per: 1, unit: "%" },
};

/** `holds: SSE and WebSocket recover alike. sse p99 at 1 % 304 ms, ws p99 at 1 % 303 ms: 1.00 times (0.80 to 1.25).` */
function hypothesisText(hypothesis: CheckedHypothesis, cells: readonly NetworkCell[]): string {
  const { text, over, under, low, high, ratio, holds } = hypothesis;
  const verdict = holds === undefined ? "not measured" : holds ? "holds" : "does not hold";
  const sideText = (side: typeof over): string => {
    const { name, per, unit } = numberNames[side.number];
    const value = valueOf(side, cells);
    const where = side.network === "lossy" ? " at 1 %" : "";
    return `${side.transport} ${name}${where} ${formatNumber(value === undefined ? undefined : value / per, 0)} ${unit}`;
  };
  const range = high === undefined ? `${low} or more` : `${low} to ${high}`;
  return wrapText(
    `${verdict}: ${text} ${sideText(over)}, ${sideText(under)}: ${formatNumber(ratio, 2)} times (${range}).`,
  );
}
