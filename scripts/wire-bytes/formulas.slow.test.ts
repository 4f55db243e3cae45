import { optInTransports } from "../../scenarios/transports.ts";
import { defineByteTests } from "./vitest-suite.ts";

defineByteTests(optInTransports());
