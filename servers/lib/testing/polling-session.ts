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

/** Short polling over both versions of HTTP. */
export const shortPolls = ["short-poll", "h2-short-poll"] as const;
/** Long polling over both versions of HTTP. */
export const longPolls = ["long-poll", "h2-long-poll"] as const;
type Name = (typeof shortPolls)[number] | (typeof longPolls)[number];

/** A polling session that a test drives request by request, each on a connection of its own. */
export interface TestSession {
  host: TestServer;
  path: string;
  poll(after: number): Promise<HttpResponse>;
  /** Sends a poll and waits until the server holds it. */
  holdPoll(after: number): Promise<HeldPoll>;
  request(method: HttpRequest["method"], path: string, body?: string): Promise<HttpResponse>;
  /** Makes the application send a text to the session. */
  send(text: string): void;
  close(): Promise<void>;
}

/** A poll that the server holds. */
export interface HeldPoll {
  response: Promise<HttpResponse>;
  hasResponse(): boolean;
  /** Destroys the connection. Resolves with the error that the client gets. */
  cut(): Promise<unknown>;
}

/** Hosts an application that sends nothing on its own, and joins it. */
export async function openTestSession(name: Name, overrides: Partial<Options> = {}): Promise<TestSession> {
  const kit = new Kit(name, transports[name]);
  const host = await kit.serve({}, overrides);
  const opened: RequestChannels[] = [];
  const timeoutMs = 60_000;

  async function open(): Promise<RequestChannels> {
    const channels = await (name.startsWith("h2-") ? openHttp2 : openHttp1)(host.addresses[0]!, kit.options);
    opened.push(channels);
    return channels;
  }

  const request: TestSession["request"] = async (method, path, body) =>
    (await open()).sends.call({ method, path, ...(body !== undefined && { body: Buffer.from(body) }) }, timeoutMs);
  const path = `/poll/${(await request("POST", "/poll")).body.toString()}`;

  return {
    host,
    path,
    poll: (after) => request("GET", `${path}?after=${after}`),
    async holdPoll(after) {
      const channels = await open();
      const before = await waitForIdleWire(host);
      let hasResponse = false;
      const response = channels.polls
        .call({ method: "GET", path: `${path}?after=${after}` }, timeoutMs)
        .finally(() => (hasResponse = true));
      const failure = response.catch((error: unknown) => error);
      await until(() => !isDeepStrictEqual(host.traffic(), before), "the poll has arrived");
      await waitForIdleWire(host);
      return {
        response,
        hasResponse: () => hasResponse,
        cut() {
          opened.splice(opened.indexOf(channels), 1);
          channels.destroy();
          return failure;
        },
      };
    },
    request,
    send: (text) => host.joined[0]!.send(Buffer.from(text), true),
    async close() {
      for (const channels of opened) channels.destroy();
      await kit.tidy();
    },
  };
}

/** The status and the texts of a response. */
export function statusAndTexts({ status, body }: HttpResponse): [status: number, ...texts: string[]] {
  return status === 200 ? [status, ...(JSON.parse(body.toString()) as string[])] : [status];
}
