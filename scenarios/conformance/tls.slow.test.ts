import { tlsTransports } from "../transports.ts";
import { defineConformanceTests } from "./vitest-suite.ts";

await defineConformanceTests(tlsTransports());
