/** Bytes of headers for one message to one client: by a poll that finds it, and as one WebSocket frame. */
export interface HeaderSizes {
  pollBytes: number;
  frameBytes: number;
}

/** One view of the claim. */
export interface ClaimBlock extends HeaderSizes {
  name: string;
  /** One sentence with its bytes and their ratio. */
  says: string;
}

/** One line of the claim's table: what all clients together take when each gets a message a second. */
export interface ClaimLine {
  block: string;
  clients: number;
  pollMbps: number;
  frameMbps: number;
  /** How many times a poll's headers are a frame's. */
  ratio: number;
}

/** The headers of the classic claim for WebSocket: those of a poll with a browser's headers and cookies against a bare frame's. */
export const claimedHeaders: HeaderSizes = { pollBytes: 871, frameBytes: 2 };

/** A segment's 20 bytes of IP and 32 of TCP with timestamps; a poll on a kept connection takes 3 segments, a pushed frame 2, acknowledgements counted. */
const segmentBytes = 20 + 32;
const tcpIp: HeaderSizes = { pollBytes: 3 * segmentBytes, frameBytes: 2 * segmentBytes };

/** The numbers of clients that the claim is made for. */
const crowds = [1_000, 10_000, 100_000];

/** The claim as it was made, with the headers measured here, and both again with TCP/IP counted. */
export function claimBlocks(measured: HeaderSizes): ClaimBlock[] {
  const claimedBelow = withTcpIp(claimedHeaders);
  const measuredBelow = withTcpIp(measured);
  return [
    { name: "claimed", ...claimedHeaders, says: `As claimed, ${sentence(claimedHeaders)}` },
    { name: "measured", ...measured, says: `As measured here, ${sentence(measured)}` },
    { name: "claimed, TCP/IP", ...claimedBelow, says: `Claimed with TCP/IP, ${sentence(claimedBelow)}` },
    { name: "measured, TCP/IP", ...measuredBelow, says: `Measured with TCP/IP, ${sentence(measuredBelow)}` },
  ];
}

/** Headers of a block for every crowd, in the claim's Mbps, which are 2^20 bits per second. */
export function claimLines({ name, ...headers }: ClaimBlock): ClaimLine[] {
  const { pollBytes, frameBytes } = headers;
  const mbps = (clients: number, bytes: number): number => (clients * bytes * 8) / 2 ** 20;
  return crowds.map((clients) => ({
    block: name,
    clients,
    pollMbps: mbps(clients, pollBytes),
    frameMbps: mbps(clients, frameBytes),
    ratio: byteRatio(headers),
  }));
}

/** How many times a poll's headers are a frame's: whole above 100, else to a tenth. */
export function byteRatio({ pollBytes, frameBytes }: HeaderSizes): number {
  const exact = pollBytes / frameBytes;
  return exact > 100 ? Math.floor(exact) : Math.round(exact * 10) / 10;
}

function withTcpIp({ pollBytes, frameBytes }: HeaderSizes): HeaderSizes {
  return { pollBytes: pollBytes + tcpIp.pollBytes, frameBytes: frameBytes + tcpIp.frameBytes };
}

function sentence(headers: HeaderSizes): string {
  const { pollBytes, frameBytes } = headers;
  return `${pollBytes} bytes a poll against ${frameBytes} a frame: ${byteRatio(headers)}:1.`;
}
