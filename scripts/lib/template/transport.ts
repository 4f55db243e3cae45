import type { Transport } from "../../../scenarios/transports/transport.ts";

/** What `npm run new-transport` begins with, as a transport that can be tried by its path. */
export default {
  optIn: true,
  title: "raw TCP, a line per message, as npm run new-transport wrote it",
  manualClients: { commands: ["nc {host} {port}"] },
  clientLibrary: "node:net",
  encodings: { text: "a line, as it is", binary: "a line with LF, CR and backslash escaped" },
  socketsPerClient: 1,
  server: () => import("./server.ts"),
  client: () => import("./client.ts"),
  idlePeriodOption: "none",
  options: {},
  guarantees: {},
} satisfies Transport;
