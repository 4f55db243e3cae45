import { fileURLToPath } from "node:url";
import { artilleryFiles, tsungXml, type Protocol } from "./tool-config.ts";
import type { Generator, GeneratorLoad } from "./generator.ts";
import { readAb, readArtillery, readAutocannon, readH2load, readOwn, readTsung, readWrk } from "./parse-output.ts";

const url = ({ host, port, path }: GeneratorLoad): string => `http://${host}:${port}${path}`;

/** wrk, in C: closed loops only. It has one thread, because a second one would take the server's core. */
export const wrk: Generator = {
  name: "wrk",
  versionCommand: ["wrk", "-v"],
  versionPattern: /^wrk \D*(4\.\d+\.\d+)/,
  installCommand: "apt-get install wrk",
  keepsRate: false,
  // By default wrk counts a response after more than 2 s as an error. A saturated server delays some for longer.
  command(load) {
    return ["wrk", "-t", "1", "-c", `${load.connections}`, "-d", `${load.seconds}s`, "--timeout", "20s", url(load)];
  },
  readOutput: readWrk,
};

/** h2load, in C++, over HTTP/1.1. A rate is given per connection. */
export const h2load: Generator = {
  name: "h2load",
  versionCommand: ["h2load", "--version"],
  versionPattern: /^h2load nghttp2\/(1\.\d+\.\d+)/,
  installCommand: "apt-get install nghttp2-client",
  keepsRate: true,
  command(load) {
    const rate = load.ratePerS > 0 ? ["--rps", `${load.ratePerS / load.connections}`] : [];
    return ["h2load", "--h1", "-t", "1", "-c", `${load.connections}`, "-D", `${load.seconds}s`, ...rate, url(load)];
  },
  readOutput: readH2load,
};

/** More requests than any run makes: `ab` stops at the first limit that it reaches. */
const abRequests = 2_000_000;

/** ApacheBench, in C. */
export const ab: Generator = {
  name: "ab",
  versionCommand: ["ab", "-V"],
  versionPattern: /ApacheBench, Version (2\.\d+)/,
  installCommand: "apt-get install apache2-utils",
  keepsRate: false,
  command(load) {
    const limits = ["-t", `${load.seconds}`, "-n", `${abRequests}`];
    return ["ab", "-q", "-k", "-r", "-c", `${load.connections}`, ...limits, url(load)];
  },
  readOutput: readAb,
};

const autocannonPath = fileURLToPath(import.meta.resolve("autocannon"));

/** autocannon, the usual generator in Node. */
export const autocannon: Generator = {
  name: "autocannon",
  versionCommand: [process.execPath, autocannonPath, "--version"],
  versionPattern: /autocannon v?(9\.\d+\.\d+)/,
  installCommand: "npm ci",
  keepsRate: true,
  command(load) {
    const rate = load.ratePerS > 0 ? ["-R", `${load.ratePerS}`] : [];
    const limits = ["-c", `${load.connections}`, "-d", `${load.seconds}`];
    return [process.execPath, autocannonPath, "--json", ...limits, ...rate, url(load)];
  },
  readOutput: readAutocannon,
};

/**
 * tsung, in Erlang. It creates a folder in its home directory. Erlang's name server is disabled: it is a daemon that
 * would outlive the measurement, and a single node does not need it.
 */
export function tsung(protocol: Protocol): Generator {
  const environment = ["HOME=.", "ERL_FLAGS=-start_epmd false -erl_epmd_port 4399"];
  return {
    name: "tsung",
    versionCommand: ["tsung", "-v"],
    versionPattern: /Tsung version (1\.\d+\.\d+)/,
    installCommand: "apt-get install tsung",
    keepsRate: true,
    files: (load) => ({ "tsung.xml": tsungXml(protocol, load) }),
    command: () => ["env", ...environment, "tsung", "-n", "-f", "tsung.xml", "-m", "-", "start"],
    readOutput: readTsung,
    connectTimeoutS: 12, // fast responses on its first connections delay the others
    countTolerance: 0.5, // its log ends a second or more before the run does
  };
}

/**
 * Artillery, in Node, with a scenario language. It is too large to be a dependency, so it is used only where it is
 * installed.
 */
export function artillery(protocol: Exclude<Protocol, "tcp"> | "socket.io"): Generator {
  return {
    name: "artillery",
    versionCommand: ["artillery", "version"],
    versionPattern: /Artillery: (2\.\d+\.\d+)/,
    installCommand: "npm i -g artillery",
    keepsRate: true,
    files: (load) => artilleryFiles(protocol, load),
    command: () => ["env", "ARTILLERY_DISABLE_TELEMETRY=true", "artillery", "run", "test.json"],
    readOutput: readArtillery,
  };
}

/** A program of this folder. Its last argument is the load as JSON. */
export function ownGenerator(
  name: string,
  module: "own-client" | "bare-client",
  ...args: readonly string[]
): Generator {
  const path = fileURLToPath(new URL(`./${module}.js`, import.meta.url));
  return {
    name,
    versionCommand: [process.execPath, "--version"],
    versionPattern: /v(\S+)/,
    installCommand: "npm ci",
    keepsRate: true,
    command: (load) => [process.execPath, path, ...args, JSON.stringify(load)],
    readOutput: readOwn,
  };
}
