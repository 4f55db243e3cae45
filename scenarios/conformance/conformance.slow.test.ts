import { defineConformanceTests } from "./vitest-suite.ts";
import { loadTransport, optInTransports } from "../transports/load-transport.ts";

// Pages of a browser open too slowly for the deadlines of a check where tests run side by side: test:browser checks them.
const inPages = async (name: string): Promise<boolean> => (await loadTransport(name)).clientsPerPage !== undefined;
const names = await Promise.all(optInTransports().map(async (name) => ((await inPages(name)) ? [] : [name])));
await defineConformanceTests(names.flat());
