import bare from "./bare-poll.ts";
import type { Transport } from "../../scenarios/transports/transport.ts";

export default {
  ...bare,
  title: "Long polls on a bare server: texts only",
  options: { transportOptions: { holds: true } },
} satisfies Transport;
