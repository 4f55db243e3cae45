import { defineConformanceTests } from "./vitest-suite.ts";
import { optInTransports } from "../transports/load-transport.ts";

await defineConformanceTests(optInTransports());
