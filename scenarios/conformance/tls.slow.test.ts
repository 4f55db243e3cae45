import { defineConformanceTests } from "./vitest-suite.ts";
import { tlsTransports } from "../transports/load-transport.ts";

await defineConformanceTests(tlsTransports());
