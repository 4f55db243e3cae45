import { defineConformanceTests } from "./vitest-suite.ts";
import { standardTransports } from "../transports/load-transport.ts";

await defineConformanceTests(standardTransports());
