import { fileURLToPath } from "node:url";
import { artilleryFiles, tsungFile, type Protocol } from "./tool-config.ts";
import type { Generator, GeneratorLoad } from "./generator.ts";
import { readAb, readArtillery, readAutocannon, readH2load, readOwn, readTsung, readWrk } from "./parse-output.ts";

const url = ({ host, port, path }: GeneratorLoad): string => `http://${host}:${port}${path}`;

/** Closed loops in C. One thread: a second would take the server's core. */
export const wrk: Generator = {
  name: "wrk",
  asks: ["wrk", "-v"],
  version: /^wrk \D*(4\.\d+\.\d+)/,
  get: "apt-get install wrk",
  keepsRate: false,
  // A late answer is an answer: by itself wrk counts one as an error after 2 s, which a server that is full does to some.
  command(load) {
    return ["wrk", "-t", "1", "-c", `${load.connections}`, "-d", `${load.seconds}s`, "--timeout", "20s", url(load)];
  },
  read: readWrk,
};

/** In C++, with a rate per connection where one is wanted. */
export const h2load: Generator = {
  name: "h2load",
  asks: ["h2load", "--version"],
  version: /^h2load nghttp2\/(1\.\d+\.\d+)/,
  get: "apt-get install nghttp2-client",
  keepsRate: true,
  command(load) {
    const rate = load.ratePerS > 0 ? ["--rps", `${load.ratePerS / load.connections}`] : [];
    return ["h2load", "--h1", "-t", "1", "-c", `${load.connections}`, "-D", `${load.seconds}s`, ...rate, url(load)];
  },
  read: readH2load,
};

/** More requests than any run can make: `ab` stops at the first limit that it reaches. */
const abRequests = 2_000_000;

/** Apache's, in C. */
export const ab: Generator = {
  name: "ab",
  asks: ["ab", "-V"],
  version: /ApacheBench, Version (2\.\d+)/,
  get: "apt-get install apache2-utils",
  keepsRate: false,
  command(load) {
    const limits = ["-t", `${load.seconds}`, "-n", `${abRequests}`];
    return ["ab", "-q", "-k", "-r", "-c", `${load.connections}`, ...limits, url(load)];
  },
  read: readAb,
};

const autocannonPath = fileURLToPath(import.meta.resolve("autocannon"));

/** The usual one in Node. */
export const autocannon: Generator = {
  name: "autocannon",
  asks: [process.execPath, autocannonPath, "--version"],
  version: /autocannon v?(9\.\d+\.\d+)/,
  get: "npm ci",
  keepsRate: true,
  command(load) {
    const rate = load.ratePerS > 0 ? ["-R", `${load.ratePerS}`] : [];
    const limits = ["-c", `${load.connections}`, "-d", `${load.seconds}`];
    return [process.execPath, autocannonPath, "--json", ...limits, ...rate, url(load)];
  },
  read: readAutocannon,
};

/**
 * In Erlang. It wants a home to make a folder in, and is told to do without Erlang's name server, a daemon that would stay behind: of one
 * node nobody needs the name.
 */
export function tsung(protocol: Protocol): Generator {
  const environment = ["HOME=.", "ERL_FLAGS=-start_epmd false -erl_epmd_port 4399"];
  return {
    name: "tsung",
    asks: ["tsung", "-v"],
    version: /Tsung version (1\.\d+\.\d+)/,
    get: "apt-get install tsung",
    keepsRate: true,
    files: (load) => ({ "tsung.xml": tsungFile(protocol, load) }),
    command: () => ["env", ...environment, "tsung", "-n", "-f", "tsung.xml", "-m", "-", "start"],
    read: readTsung,
    opensWithinS: 12, // it has little time for others where the first of them are answered at once
    countsWithin: 0.5, // its log ends a second or more before it does
  };
}

/** In Node, with a scenario language. Huge: it counts only where somebody has installed it. */
export function artillery(protocol: Exclude<Protocol, "tcp"> | "socket.io"): Generator {
  return {
    name: "artillery",
    asks: ["artillery", "version"],
    version: /Artillery: (2\.\d+\.\d+)/,
    get: "npm i -g artillery",
    keepsRate: true,
    files: (load) => artilleryFiles(protocol, load),
    command: () => ["env", "ARTILLERY_DISABLE_TELEMETRY=true", "artillery", "run", "script.json"],
    read: readArtillery,
  };
}

/** A program of this folder that takes the load as JSON. */
export function own(name: string, module: string, ...args: readonly string[]): Generator {
  const path = fileURLToPath(new URL(`./${module}.js`, import.meta.url));
  return {
    name,
    asks: [process.execPath, "--version"],
    version: /v(\S+)/,
    get: "npm ci",
    keepsRate: true,
    command: (load) => [process.execPath, path, ...args, JSON.stringify(load)],
    read: readOwn,
  };
}
