import { isDeepStrictEqual } from "node:util";
import type { HttpRequest, RequestChannels } from "../../../clients/lib/library-http/request-channel.ts";
import type { HttpResponse } from "../../../clients/lib/library-http/undici.ts";
import { openHttp1 } from "../../../clients/lib/library-http/http1-channel.ts";
import { openHttp2 } from "../../../clients/lib/library-http/http2-channel.ts";
import { Kit, type TestServer } from "../../../scenarios/conformance/test-kit.ts";
import type { Options } from "../../../scenarios/contract.ts";
import { waitForIdleWire } from "../../../scripts/wire-bytes/send-one.ts";
import { transports } from "../../../scenarios/transports.ts";
import { until } from "../../../scenarios/lib/until.ts";

/** The transports that poll, each in both versions of HTTP. */
export const shortPolls = ["short-poll", "h2-short-poll"] as const;
export const longPolls = ["long-poll", "h2-long-poll"] as const;
type Name = (typeof shortPolls)[number] | (typeof longPolls)[number];

/** A polling session whose asks and sends are made one by one, each on a connection of its own, to try the server half. */
export interface TestSession {
  host: TestServer;
  path: string;
  poll(after: number): Promise<HttpResponse>;
  /** An ask of which it is known that the server holds it. */
  holdPoll(after: number): Promise<HeldPoll>;
  request(method: HttpRequest["method"], path: string, body?: string): Promise<HttpResponse>;
  /** The hub sends a text to the session. */
  send(text: string): void;
  tidy(): Promise<void>;
}

/** An ask on its way. */
export interface HeldPoll {
  response: Promise<HttpResponse>;
  answered(): boolean;
  /** Destroys the connection; resolves to what the asker is told. */
  cut(): Promise<unknown>;
}

/** Hosts a hub that says nothing by itself, and joins it. */
export async function openTestSession(name: Name, overrides: Partial<Options> = {}): Promise<TestSession> {
  const kit = new Kit(name, transports[name]);
  const host = await kit.serve({}, overrides);
  const opened: RequestChannels[] = [];
  const timeoutMs = 60_000;

  async function open(): Promise<RequestChannels> {
    const lines = await (name.startsWith("h2-") ? openHttp2 : openHttp1)(host.addresses[0]!, kit.options);
    opened.push(lines);
    return lines;
  }

  const request: TestSession["request"] = async (method, path, body) =>
    (await open()).sends.call({ method, path, ...(body !== undefined && { body: Buffer.from(body) }) }, timeoutMs);
  const path = `/poll/${(await request("POST", "/poll")).body.toString()}`;

  return {
    host,
    path,
    poll: (after) => request("GET", `${path}?after=${after}`),
    async holdPoll(after) {
      const lines = await open();
      const before = await waitForIdleWire(host);
      let answered = false;
      const answer = lines.polls
        .call({ method: "GET", path: `${path}?after=${after}` }, timeoutMs)
        .finally(() => (answered = true));
      const failure = answer.catch((error: unknown) => error);
      await until(() => !isDeepStrictEqual(host.traffic(), before), "the server has the ask");
      await waitForIdleWire(host);
      return {
        response: answer,
        answered: () => answered,
        cut() {
          opened.splice(opened.indexOf(lines), 1);
          lines.destroy();
          return failure;
        },
      };
    },
    request,
    send: (text) => host.joined[0]!.send(Buffer.from(text), true),
    async tidy() {
      for (const lines of opened) lines.destroy();
      await kit.tidy();
    },
  };
}

/** An answer's status and texts. */
export function receivedIn({ status, body }: HttpResponse): [status: number, ...texts: string[]] {
  return status === 200 ? [status, ...(JSON.parse(body.toString()) as string[])] : [status];
}
