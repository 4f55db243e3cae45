import ws from "../../servers/ws.ts";
import type { Serve } from "../contract.ts";
import { transports } from "../transports.ts";
import type { Transport } from "../transports/transport.ts";
import { faulty } from "./faulty.ts";

/** Raw WebSocket to pages of Chromium, with the faults of faulty.ts. */
const serve: Serve = (app, options) => ws(faulty(app), options);

const inPages = transports["ws-browser"];

export default {
  ...inPages,
  guarantees: { ...inPages.guarantees, reliable: false },
  server: () => Promise.resolve({ default: serve }),
} satisfies Transport;
