import { standardTransports } from "../transports.ts";
import { holdAll } from "./suite.ts";

await holdAll(standardTransports());
