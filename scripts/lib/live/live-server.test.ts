import { get, request, type IncomingMessage } from "node:http";
import { afterEach, expect, it } from "vitest";
import { UserError } from "../../../scenarios/lib/errors.ts";
import { until } from "../../../scenarios/lib/until.ts";
import { openEventLog } from "./live-events.ts";
import { openLiveServer, type LiveServer } from "./live-server.ts";

const open: LiveServer[] = [];
afterEach(() => open.splice(0).forEach((server) => server.close()));

async function serve(port = 0) {
  const log = openEventLog("now");
  const server = await openLiveServer(port, "<p>live", log, 2 ** 16);
  open.push(server);
  const tell = (html: string): void => server.send(log.add({ kind: "rows", html }));
  return { ...server, tell };
}

/** The answer to a request, and its text so far. */
async function ask(url: string, { method = "GET", headers = {} } = {}) {
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    request(url, { method, headers, agent: false }, resolve).on("error", reject).end(),
  );
  const answer = { status: response.statusCode, headers: response.headers, text: "", ended: false, response };
  response.on("data", (chunk) => (answer.text += String(chunk)));
  response.on("close", () => (answer.ended = true));
  response.on("error", () => undefined);
  return answer;
}

it("tells every open page each event, and one that comes back what it missed", async () => {
  const { url, tell } = await serve();
  const [one, other] = [await ask(`${url}events`), await ask(`${url}events`)];
  tell("first");
  for (const page of [one, other]) await until(() => page.text.includes('"first"'), "the event arrives");
  expect(one.headers["content-type"]).toBe("text/event-stream");
  other.response.destroy();
  tell("second");
  await until(() => one.text.includes("id: now/2\n"), "the other page gets the next event");
  const back = await ask(`${url}events`, { headers: { "last-event-id": "now/1" } });
  await until(() => back.text.includes('"second"'), "the missed event arrives");
  expect(back.text).not.toContain("first");
});

it("serves one page, and refuses other paths, methods and names of the host", async () => {
  const { url } = await serve();
  const page = await ask(url);
  await until(() => page.ended, "the page is complete");
  expect(page).toMatchObject({ status: 200, text: "<p>live" });
  expect(page.headers["content-security-policy"]).toBe("frame-ancestors 'none'");
  const refused = [
    await ask(`${url}other`),
    await ask(url, { method: "POST" }),
    await ask(url, { headers: { host: "evil.example" } }),
  ];
  expect(refused.map(({ status }) => status)).toEqual([404, 405, 403]);
  expect((await ask(url, { headers: { host: "localhost:9999" } })).status).toBe(200); // a tunnel
});

it("waits at the end until open pages have loaded the report, and not for those that are gone", async () => {
  const { url, replacePage, pagesServed } = await serve();
  const { signal } = new AbortController();
  const [staying, leaving] = [await ask(`${url}events`), await ask(`${url}events`)];
  replacePage("<p>report");
  let served = false;
  const serving = pagesServed(10_000, signal).then(() => (served = true));
  leaving.response.destroy();
  const report = await ask(url);
  await until(() => report.ended, "the report is complete");
  expect([report.text, served]).toEqual(["<p>report", false]); // the other page is still open
  staying.response.destroy();
  await serving;
});

it("does not wait where the run was interrupted, or no page is open", async () => {
  const { url, pagesServed } = await serve();
  await pagesServed(600_000, new AbortController().signal);
  const page = await ask(`${url}events`);
  await pagesServed(600_000, AbortSignal.abort());
  const interrupt = new AbortController();
  const serving = pagesServed(600_000, interrupt.signal);
  interrupt.abort();
  await serving;
  expect(page.ended).toBe(false);
});

it("says in a sentence that a port is in use", async () => {
  const { url } = await serve();
  const port = Number(new URL(url).port);
  const failure = await serve(port).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(UserError);
  expect(String(failure)).toContain(`Port ${port} of --live is in use: name another, or leave it out for a free one.`);
});

it("disconnects a page that does not read, and goes on for the others", async () => {
  const { url, tell } = await serve();
  const slow = await new Promise<IncomingMessage>((resolve) => get(`${url}events`, { agent: false }, resolve));
  slow.pause();
  slow.on("error", () => undefined);
  const reading = await ask(`${url}events`);
  const length = 6 * 2 ** 20; // more than the kernel keeps for a page
  tell("x".repeat(length));
  await until(() => reading.text.length > length, "the other page has read it");
  tell("next");
  await until(() => reading.text.endsWith('"next"}\n\n'), "the other page goes on");
  slow.resume();
  await until(() => slow.destroyed || slow.closed, "the slow page is disconnected");
});
