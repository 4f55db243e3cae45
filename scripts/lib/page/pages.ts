import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { projectFolder } from "../../../results/model/environment.ts";
import type { ByteCounts, Page, Pages, Traffic } from "../../../scenarios/contract.ts";
import type { AboutTransport } from "./about.ts";

/** What the page asks for when it is opened. */
export interface About {
  /** The application: "chat" or "echo". */
  app: string;
  transports: readonly AboutTransport[];
}

/** Bytes that a server has counted since it started, for all of its clients together. */
export interface CountedBytes {
  wireIn: number;
  wireOut: number;
  payloadIn: number;
  payloadOut: number;
  polls: number;
}

/** Files of the page that are written in TypeScript, which this project's build compiles. */
const compiled = ["messages.js", "round-trips.js", "text.js"];
/** Files of the page that are served as they are. */
const written = ["chat.css", "chat.js", "comparison.js", "link.js", "sessions.js", "tabs.js", "views.js", "wires.js"];

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};

const compiledFolder = fileURLToPath(new URL("client/", import.meta.url));
const writtenFolder = join(projectFolder, "scripts", "lib", "page", "client");

/**
 * The page to chat in, with its files. `about` and `traffic` are called at each request, so that they can tell what is
 * known by then. `answered` gets the bytes of the page's own requests.
 */
export function chatPages(
  about: () => About,
  traffic: () => Record<string, CountedBytes>,
  answered: (bytes: ByteCounts) => void = () => undefined,
): Pages {
  const file = (folder: string, name: string) => (): Page => ({
    headers: { ...headersFor(about()), "content-type": types[extname(name)]! },
    body: readFileSync(join(folder, name)),
  });
  const json = (value: () => unknown) => (): Page => ({
    headers: { ...headersFor(about()), "content-type": "application/json" },
    body: JSON.stringify(value()),
  });
  const files = (folder: string, names: readonly string[]) =>
    names.map((name) => [`/page/${name}`, file(folder, name)] as const);
  return {
    files: {
      "/": file(writtenFolder, "chat.html"),
      ...Object.fromEntries([...files(writtenFolder, written), ...files(compiledFolder, compiled)]),
      "/page/about.json": json(about),
      "/page/traffic.json": json(traffic),
    },
    answered,
  };
}

/**
 * Headers of every page. The policy allows the page's own files, its servers by their ports, and the client of Socket.IO
 * that they serve: nothing inline, and nothing from elsewhere (Content Security Policy Level 3).
 */
function headersFor({ transports }: About): Record<string, string> {
  const others = transports.filter(({ port }) => port !== undefined);
  const connections = others.map(({ port }) => `http://*:${port} ws://*:${port}`);
  const scripts = others.filter(({ wire }) => wire === "socket.io").map(({ port }) => `http://*:${port}/socket.io/`);
  const policy = [
    "default-src 'none'",
    ["script-src 'self'", ...scripts].join(" "),
    "style-src 'self'",
    "img-src data:",
    ["connect-src 'self'", ...connections].join(" "),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    "content-security-policy": policy.join("; "),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
}

/** What a server has counted, without the bytes of pages that it has answered. */
export function countedBytes(traffic: Traffic, pageBytes: ByteCounts): CountedBytes {
  const { up, down, duplex } = traffic.wire;
  return {
    wireIn: up.in + down.in + duplex.in - pageBytes.in,
    wireOut: up.out + down.out + duplex.out - pageBytes.out,
    payloadIn: traffic.payloadBytesIn,
    payloadOut: traffic.payloadBytesOut,
    polls: traffic.pollsAnswered,
  };
}
