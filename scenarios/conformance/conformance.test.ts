import { standardTransports } from "../transports.ts";
import { defineConformanceTests } from "./vitest-suite.ts";

await defineConformanceTests(standardTransports());
