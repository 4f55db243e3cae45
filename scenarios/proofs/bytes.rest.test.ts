import { otherTransports } from "../transports.ts";
import { proveAll } from "./suite.ts";

proveAll(otherTransports());
