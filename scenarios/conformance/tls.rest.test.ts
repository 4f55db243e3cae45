import { tlsTransports } from "../transports.ts";
import { holdAll } from "./suite.ts";

await holdAll(tlsTransports());
