import type { TableNetwork } from "./network-rows.ts";
import type { NetworkCell, NetworkCellNumber } from "./network-table.ts";

/** A number of a transport in one network. */
interface Side {
  transport: string;
  network: TableNetwork;
  number: NetworkCellNumber;
}

/** What is said of transports at a distance or under loss. It holds if `over` divided by `under` is in the range. */
interface Hypothesis {
  text: string;
  over: Side;
  under: Side;
  /** The range of the ratio, both ends included. Without `high` there is no largest ratio. */
  low: number;
  high?: number;
}

/** A hypothesis with its measured ratio; without one where a side was not measured. */
export interface CheckedHypothesis extends Hypothesis {
  ratio?: number;
  holds?: boolean;
}

const side =
  (network: TableNetwork, number: NetworkCellNumber) =>
  (transport: string): Side => ({ transport, network, number });
const connect = side("clean", "connect_p50_ms");
const median = side("clean", "latency_p50_us");
const medianUnderLoss = side("lossy", "latency_p50_us");
const tailUnderLoss = side("lossy", "latency_p99_us");

/** Numbers are alike that differ by less than a quarter: two runs of one transport can differ by so much under loss. */
const alike = { low: 0.8, high: 1.25 };
/** Times that follow from the distance alone are equal to a tenth. */
const equal = { low: 0.9, high: 1.1 };
/** Three round trips instead of two. */
const oneMoreThanTwo = { low: 1.4, high: 1.6 };

const hypotheses: readonly Hypothesis[] = [
  { text: "SSE and WebSocket recover alike.", over: tailUnderLoss("sse"), under: tailUnderLoss("ws"), ...alike },
  {
    text: "Socket.IO over WebSocket and WebSocket recover alike.",
    over: tailUnderLoss("socket.io"),
    under: tailUnderLoss("ws"),
    ...alike,
  },
  {
    text: "HTTP/2 and two connections of HTTP/1 recover alike.",
    over: tailUnderLoss("h2-sse"),
    under: tailUnderLoss("sse"),
    ...alike,
  },
  { text: "WebSocket and raw TCP recover alike.", over: tailUnderLoss("ws"), under: tailUnderLoss("tcp"), ...alike },
  { text: "A stream waits for a lost segment.", over: tailUnderLoss("ws"), under: median("ws"), low: 1.5 },
  { text: "A datagram waits for no lost one.", over: tailUnderLoss("udp"), under: median("udp"), ...equal },
  { text: "Loss leaves the median of a stream alone.", over: medianUnderLoss("ws"), under: median("ws"), ...equal },
  { text: "Long polling is as quick as WebSocket.", over: median("long-poll"), under: median("ws"), ...equal },
  {
    text: "Under loss long polling is twice as late as WebSocket.",
    over: tailUnderLoss("long-poll"),
    under: tailUnderLoss("ws"),
    low: 1.6,
    high: 2.5,
  },
  {
    text: "Loss leaves the median of short polling alone.",
    over: medianUnderLoss("short-poll"),
    under: median("short-poll"),
    ...equal,
  },
  {
    text: "Socket.IO over WebSocket takes a round trip more than WebSocket to be ready.",
    over: connect("socket.io"),
    under: connect("ws"),
    ...oneMoreThanTwo,
  },
  {
    text: "Socket.IO's default takes twice the round trips of WebSocket to be ready.",
    over: connect("socket.io-default"),
    under: connect("ws"),
    low: 1.8,
    high: 2.2,
  },
  {
    text: "TLS takes a round trip more to be ready.",
    over: connect("ws+tls"),
    under: connect("ws"),
    ...oneMoreThanTwo,
  },
];

/** Checks what is said of transports on networks against the cells of a table. */
export function checkHypotheses(cells: readonly NetworkCell[]): CheckedHypothesis[] {
  return hypotheses.map((each) => {
    const [over, under] = [valueOf(each.over, cells), valueOf(each.under, cells)];
    if (over === undefined || !under) return each;
    const ratio = over / under;
    return { ...each, ratio, holds: ratio >= each.low && ratio <= (each.high ?? Infinity) };
  });
}

/** The number of one side of a hypothesis; undefined where it was not measured. */
export function valueOf({ transport, network, number }: Side, cells: readonly NetworkCell[]): number | undefined {
  return cells.find((cell) => cell.transport === transport && cell.network === network)?.[number];
}
