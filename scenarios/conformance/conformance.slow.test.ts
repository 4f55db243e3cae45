import { optInTransports } from "../transports.ts";
import { defineConformanceTests } from "./vitest-suite.ts";

await defineConformanceTests(optInTransports());
