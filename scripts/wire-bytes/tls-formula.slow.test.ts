import { tlsTransports } from "../../scenarios/transports.ts";
import { proveAll } from "./vitest-suite.ts";

proveAll(tlsTransports());
