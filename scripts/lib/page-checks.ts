import type { Browser } from "playwright-core";
import { WebSocket } from "ws";
import { errorMessage } from "../../scenarios/lib/errors.ts";
import { withChat, withServe, type ChatPage } from "./page/chat-page.ts";
import { overflowOf, type Screenshot } from "./page-look.ts";
import { checkLook } from "./page/look-checks.ts";

/** Servers on one page: all that a browser speaks, and variants that speak otherwise. */
const sideBySide =
  "short-poll,long-poll,sse,http-stream,ws,ws-deflate,socket.io,socket.io-default,socket.io-polling,socket.io-msgpack";
/** Servers that are joined through their own page, one of them over TLS. Other checks do so with sse and ws. */
const alone = ["short-poll", "socket.io-default", "h2-sse+tls"];

/** The checks of the page to chat in: each with its name, and a function that returns what is wrong. */
export function pageChecks(browser: Browser, screenshot: Screenshot): [string, () => Promise<string[]>][] {
  return [
    ["chat: two pages hear each other over all transports at once", () => checkSideBySide(browser)],
    ["chat: two pages hear each other through the page of each server", () => checkAlone(browser)],
    ["chat: only the sender hears the robot", () => checkRobot(browser)],
    ["chat: a hostile name and text harm nothing", () => checkHostile(browser)],
    ["chat: the keyboard alone is enough", () => checkKeyboard(browser)],
    ["chat: fits every screen and passes axe", () => checkViews(browser, screenshot)],
  ];
}

/** Returns the failure of `check` as a problem. */
async function problemsOf(check: () => Promise<string[]>): Promise<string[]> {
  try {
    return await check();
  } catch (error) {
    return [errorMessage(error).split("\n").slice(0, 3).join(" ")];
  }
}

async function checkSideBySide(browser: Browser): Promise<string[]> {
  const names = sideBySide.split(",");
  const check = (link: string): Promise<string[]> =>
    withChat(browser, link, async (open) => {
      const [ann, bob] = [await open(), await open()];
      await Promise.all([ann.isReady(), bob.isReady()]);
      await ann.page.locator("#name").fill("Ann");
      await ann.say("hello, all of you");
      for (const name of names) await bob.hears(name, "Ann hello, all of you");
      await bob.page.locator("#kind").selectOption("hex");
      await bob.say("00 ff 7e");
      for (const name of names) await ann.hears(name, "3 B, binary: 00 ff 7e");
      await ann.page.locator("#room").fill("other");
      await ann.page.locator("#room").press("Enter");
      for (const name of names) await ann.hears(name, "You are in the room other.");
      const rows = ann.page.locator("tbody tr");
      await rows
        .filter({ hasText: /\d ms.*\d K?Bnow/ })
        .nth(names.length - 1)
        .waitFor();
      const news = await bob.page.locator("#news").textContent();
      return [
        ...ann.problems,
        ...bob.problems,
        ...names.filter((name) => !news?.includes(`${name} `)).map((name) => `"${news}" lacks ${name}`),
      ];
    });
  return problemsOf(() => withServe(["--all", sideBySide], check));
}

async function checkAlone(browser: Browser): Promise<string[]> {
  async function check(name: string): Promise<string[]> {
    const problems = await problemsOf(() =>
      withServe(["--transport", name], (link) =>
        withChat(browser, link, async (open) => {
          const [ann, bob] = [await open(), await open()];
          await Promise.all([ann.isReady(), bob.isReady()]);
          await ann.say("hello");
          await bob.hears(name, "hello");
          await bob.say("hello to you");
          await ann.hears(name, "hello to you");
          await ann.page
            .locator("section > .facts")
            .filter({ hasText: /received [1-9]/ })
            .waitFor();
          return [...ann.problems, ...bob.problems];
        }),
      ),
    );
    return problems.map((problem) => `${name}: ${problem}`);
  }
  return (await Promise.all(alone.map(check))).flat();
}

async function checkRobot(browser: Browser): Promise<string[]> {
  const check = (link: string): Promise<string[]> =>
    withChat(browser, link, async (open) => {
      const [ann, bob] = [await open(), await open()];
      await Promise.all([ann.isReady(), bob.isReady()]);
      await ann.say("are you there?");
      await ann.hears("sse", "Robot are you there?");
      await bob.say("and mine?");
      await bob.hears("sse", "Robot and mine?");
      const heard = (await bob.page.locator("[role=log]").textContent()) ?? "";
      const lead = (await bob.page.locator("#lead").textContent()) ?? "";
      return [
        ...ann.problems,
        ...bob.problems,
        ...(heard.includes("are you there") ? ["somebody else has heard the robot's answer"] : []),
        ...(lead.includes("robot") ? [] : [`the page says "${lead}"`]),
      ];
    });
  return problemsOf(() => withServe(["--transport", "sse", "--scenario", "echo"], check));
}

const markup = "<img src=x onerror=alert(1)>";

async function checkHostile(browser: Browser): Promise<string[]> {
  const check = (link: string): Promise<string[]> =>
    withChat(browser, link, async (open) => {
      const victim = await open();
      await victim.isReady();
      const attacker = new WebSocket(link.replace(/^http/, "ws"));
      await new Promise((resolve) => attacker.once("open", resolve));
      attacker.send(`${markup}: <script>alert(2)</script> ${markup}`);
      attacker.send("\u202Eevil\u202E: \u202Edlrow \u0000\u001B[31m");
      attacker.send(`long: ${"x".repeat(2 ** 20 - 6)}`);
      attacker.send(Buffer.alloc(2 ** 20, 0xff));
      attacker.send("room <b>bold</b>");
      attacker.send("unheard");
      await victim.hears("ws", "and 1,047,570 more characters");
      await victim.hears("ws", "1.05 MB, binary");
      await victim.say("still here");
      await victim.hears("ws", "still here");
      attacker.terminate();
      return [...victim.problems, ...(await whatHarms(victim))];
    });
  return problemsOf(() => withServe(["--transport", "ws"], check));
}

/** Signs that what others sent has become more than text. */
async function whatHarms({ page }: ChatPage): Promise<string[]> {
  const elements = await page.locator("[role=log] img, [role=log] script, [role=log] b").count();
  const text = (await page.locator("[role=log]").textContent()) ?? "";
  const overflowPx = await overflowOf(page);
  const isolated = await page.locator("[role=log] bdi.name").nth(1).textContent();
  return [
    ...(elements > 0 ? ["a text became an element"] : []),
    ...(text.includes(markup) ? [] : ["the markup is not shown as text"]),
    ...(text.length > 10_000 ? [`${text.length} characters are shown`] : []),
    ...(overflowPx > 0 ? [`it is ${overflowPx} pixels wider than the window`] : []),
    ...(isolated?.includes("\u202E") ? [] : ["a name that turns the text around is not isolated"]),
    ...(text.includes("unheard") ? ["it hears another room"] : []),
  ];
}

async function checkKeyboard(browser: Browser): Promise<string[]> {
  const check = (link: string): Promise<string[]> =>
    withChat(browser, link, async (open) => {
      const ann = await open();
      const { keyboard } = ann.page;
      await ann.isReady();
      const focused = (id: string): Promise<void> => ann.page.locator(`[id="${id}"]:focus`).waitFor();
      for (const id of ["name", "room"]) {
        await keyboard.press("Tab");
        await focused(id);
      }
      await keyboard.press("Tab");
      await keyboard.press("Tab");
      await focused("tab-all");
      await keyboard.press("ArrowRight");
      await focused("tab-ws");
      await ann.page.locator("#panel-ws").waitFor();
      await keyboard.press("Tab"); // the log, which scrolls
      await keyboard.press("Tab");
      await focused("message");
      await keyboard.type("by keyboard");
      await keyboard.press("Enter");
      await ann.hears("ws", "by keyboard");
      const other = (await ann.page.locator('[id="panel-long-poll"] [role=log]').textContent()) ?? "";
      return [...ann.problems, ...(other === "" ? [] : ["the message went over the other transport, too"])];
    });
  return problemsOf(() => withServe(["--all", "ws,long-poll"], check));
}

async function checkViews(browser: Browser, screenshot: Screenshot): Promise<string[]> {
  const one = await problemsOf(() =>
    withServe(["--transport", "ws"], (link) => checkLook(browser, link, "ws", screenshot)),
  );
  const all = await problemsOf(() => withServe(["--all"], (link) => checkLook(browser, link, "all", screenshot)));
  return [...one, ...all];
}
