import { tlsTransports } from "../transports.ts";
import { proveAll } from "./suite.ts";

proveAll(tlsTransports());
