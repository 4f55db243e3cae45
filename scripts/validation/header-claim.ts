/**
 * Header bytes for one message to one client: of the poll that returns it, and of the WebSocket frame that carries it.
 */
export interface HeaderSizes {
  pollBytes: number;
  frameBytes: number;
}

/** Header sizes from one source, with their ratio as a sentence. */
export interface HeaderComparison extends HeaderSizes {
  name: string;
  sentence: string;
}

/** Header traffic of all clients together, when each receives one message a second. One row of the printed table. */
export interface HeaderTrafficRow {
  comparison: string;
  clients: number;
  pollMbps: number;
  frameMbps: number;
  ratio: number;
}

/** Header sizes of the classic claim for WebSocket: a poll with a browser's headers and cookies, and a bare frame. */
export const claimedHeaders: HeaderSizes = { pollBytes: 871, frameBytes: 2 };

/** Headers of one TCP segment: 20 bytes of IP and 32 of TCP with timestamps. */
const segmentBytes = 20 + 32;

/** TCP/IP headers with acknowledgements: a poll on a kept-alive connection takes 3 segments, a pushed frame takes 2. */
const tcpIp: HeaderSizes = { pollBytes: 3 * segmentBytes, frameBytes: 2 * segmentBytes };

/** Numbers of clients in the classic claim. */
const clientCounts = [1_000, 10_000, 100_000];

/** The claimed and the measured header sizes, each without and with TCP/IP headers. */
export function headerComparisons(measured: HeaderSizes): HeaderComparison[] {
  const [claimedTcp, measuredTcp] = [withTcpIp(claimedHeaders), withTcpIp(measured)];
  return [
    { name: "claimed", ...claimedHeaders, sentence: `As claimed, ${ratioText(claimedHeaders)}` },
    { name: "measured", ...measured, sentence: `As measured here, ${ratioText(measured)}` },
    { name: "claimed, TCP/IP", ...claimedTcp, sentence: `As claimed, with TCP/IP, ${ratioText(claimedTcp)}` },
    { name: "measured, TCP/IP", ...measuredTcp, sentence: `As measured here, with TCP/IP, ${ratioText(measuredTcp)}` },
  ];
}

/** Header traffic for each number of clients, in the Mbps of the claim: 2^20 bits per second. */
export function headerTrafficRows({ name, ...headers }: HeaderComparison): HeaderTrafficRow[] {
  const { pollBytes, frameBytes } = headers;
  const mbps = (clients: number, bytes: number): number => (clients * bytes * 8) / 2 ** 20;
  return clientCounts.map((clients) => ({
    comparison: name,
    clients,
    pollMbps: mbps(clients, pollBytes),
    frameMbps: mbps(clients, frameBytes),
    ratio: headerRatio(headers),
  }));
}

/** Poll headers divided by frame headers: a whole number above 100, else rounded to a tenth. */
export function headerRatio({ pollBytes, frameBytes }: HeaderSizes): number {
  const exact = pollBytes / frameBytes;
  return exact > 100 ? Math.floor(exact) : Math.round(exact * 10) / 10;
}

function withTcpIp({ pollBytes, frameBytes }: HeaderSizes): HeaderSizes {
  return { pollBytes: pollBytes + tcpIp.pollBytes, frameBytes: frameBytes + tcpIp.frameBytes };
}

function ratioText(headers: HeaderSizes): string {
  const { pollBytes, frameBytes } = headers;
  return `${pollBytes} bytes per poll against ${frameBytes} per frame: ${headerRatio(headers)}:1.`;
}
