import type { Transport } from "../../scenarios/contract.ts";
import bare from "./bare-poll.ts";

export default {
  ...bare,
  title: "Long polls on a bare server: texts only",
  options: { transportOptions: { holds: true } },
} satisfies Transport;
