import { otherTransports } from "../transports.ts";
import { holdAll } from "./suite.ts";

await holdAll(otherTransports());
