import { standardTransports } from "../transports.ts";
import { holdAll } from "./vitest-suite.ts";

await holdAll(standardTransports());
