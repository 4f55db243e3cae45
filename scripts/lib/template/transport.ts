import type { Transport } from "../../../scenarios/transports/transport.ts";

/** The entry that `npm run new-transport` adds to the list. As a module, it can also be measured by its path. */
export default {
  optIn: true,
  title: "raw TCP, one line per message, as written by npm run new-transport",
  manualClients: {
    commands: ["nc {host} {port}"],
    overTls: { commands: ["openssl s_client -quiet -connect {authority}"] },
  },
  clientLibrary: "node:net",
  encodings: { text: "a line, as it is", binary: "a line with LF, CR and backslash escaped" },
  socketsPerClient: 1,
  server: () => import("./server.ts"),
  client: () => import("./client.ts"),
  idlePeriodOption: "none",
  options: {},
  guarantees: {},
} satisfies Transport;
