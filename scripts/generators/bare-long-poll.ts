import bare from "./bare-poll.ts";
import type { Transport } from "../../scenarios/transports/transport.ts";

export default {
  ...bare,
  title: "Long polling on a bare server, text only",
  options: { transportOptions: { holds: true } },
} satisfies Transport;
