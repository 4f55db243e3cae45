import { defineByteTests } from "./vitest-suite.ts";
import { tlsTransports } from "../../scenarios/transports/load-transport.ts";

defineByteTests(tlsTransports());
