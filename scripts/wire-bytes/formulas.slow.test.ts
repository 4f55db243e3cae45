import { defineByteTests } from "./vitest-suite.ts";
import { optInTransports } from "../../scenarios/transports/load-transport.ts";

defineByteTests(optInTransports());
