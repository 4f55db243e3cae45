import { tlsTransports } from "../../scenarios/transports.ts";
import { defineByteTests } from "./vitest-suite.ts";

defineByteTests(tlsTransports());
