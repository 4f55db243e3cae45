import { expect, it } from "vitest";
import { PacketReader } from "./packets.ts";

/** What a reader makes of the handshake with these times. */
function handshakeOf(pingInterval: number, pingTimeout: number): string {
  const bytes = Buffer.from(`0${JSON.stringify({ sid: "a", upgrades: [], pingInterval, pingTimeout })}`);
  let result = "";
  const reader = new PacketReader(1_000, {
    opened: (silenceMs) => void (result = `opened ${silenceMs}`),
    refused: ({ message }) => void (result = message),
    received: () => undefined,
    pinged: () => undefined,
    connected: () => undefined,
    disconnected: () => undefined,
  });
  reader.read({ bytes, view: (start, end) => bytes.subarray(start, end) }, 0, bytes.length, true);
  return result;
}

it("a server may be silent for its two times together, which must be one that a timer can wait", () => {
  const longest = 2 ** 31 - 1;
  expect(handshakeOf(25_000, 20_000)).toBe("opened 45000");
  expect(handshakeOf(longest - 20_000, 20_000)).toBe(`opened ${longest}`);
  const refused: readonly (readonly [pingInterval: number, pingTimeout: number])[] = [
    [longest - 19_999, 20_000],
    [20_000, longest - 19_999],
    [0, 20_000],
    [25_000, 0],
    [25_000, 0.5],
  ];
  for (const [pingInterval, pingTimeout] of refused)
    expect(handshakeOf(pingInterval, pingTimeout)).toMatch(/^the server sent .* instead of a handshake$/);
});
