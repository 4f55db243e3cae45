/* The page of `npm run serve`: chat over one transport, or over several side by side. */
import { Comparison } from "./comparison.js";
import { Link } from "./link.js";
import { showTabs } from "./tabs.js";
import { clip, cleanName, cleanRoom, msText, parseHex } from "./text.js";

const byId = (id) => document.getElementById(id);

/** Bytes of the largest message that the page sends. The servers accept twice as many. */
const maxMessageBytes = 2 ** 20;

const about = await (await fetch("/page/about.json")).json();
const isRobot = about.app === "echo";
const links = about.transports.map((each) => new Link(each, isRobot, changed));
const comparison = links.length > 1 ? new Comparison(links) : undefined;
/** The links that a message goes over: all of them, or the one whose tab is selected. */
let selected = links;
/** The links over which the last message has not come back, and what is said when it has. */
let race;

function changed(link) {
  comparison?.update();
  if (!race || link.trips.due > 0 || !race.running.delete(link)) return;
  race.results.push(
    link.stateWord === "open" ? `${link.about.name} ${msText(link.trips.lastMs)}` : `${link.about.name} not`,
  );
  if (race.running.size === 0 && !byId("every").checked) byId("news").textContent = `Back: ${race.results.join(", ")}.`;
}

function say(message) {
  const open = selected.filter((link) => link.stateWord === "open");
  byId("problem").textContent = open.length === 0 ? "This did not go out: nothing is connected." : "";
  if (open.length === 0) return false;
  if (comparison && selected.length > 1) {
    race = { running: new Set(open), results: [] };
    const text =
      typeof message === "string" ? `“${clip(message, 60).shown}”` : `${message.length.toLocaleString("en")} bytes`;
    comparison.last.textContent = `The last message: ${text}`;
  }
  for (const link of open) link.say(message, byId("name").value);
  return true;
}

/** What the form holds. Undefined, with a sentence on the page, where it cannot be sent. */
async function typedMessage() {
  const [kind, text, file] = [byId("kind").value, byId("message").value, byId("file").files[0]];
  const refuse = (sentence) => void (byId("problem").textContent = sentence);
  if (kind === "file" && !file) return refuse("Choose a file first.");
  if (kind === "hex" && !parseHex(text)) return refuse("Bytes are pairs of hex digits, such as 00 ff 7e.");
  const size = kind === "file" ? file.size : new Blob([text]).size;
  if (size > maxMessageBytes) return refuse(`This has ${size.toLocaleString("en")} bytes. The page sends up to a MiB.`);
  if (kind === "file") return new Uint8Array(await file.arrayBuffer());
  return kind === "hex" ? parseHex(text) : text;
}

byId("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const message = await typedMessage();
  if (message === undefined || message.length === 0) return;
  if (say(message)) byId("message").value = "";
});

byId("kind").addEventListener("change", () => {
  const isFile = byId("kind").value === "file";
  byId("file").hidden = !isFile;
  byId("message").hidden = isFile;
  nameField();
});

byId("person").addEventListener("submit", (event) => {
  event.preventDefault();
  const room = cleanRoom(byId("room").value);
  byId("room").value = room;
  for (const link of links) link.moveTo(room);
});

byId("name").addEventListener("change", () => (byId("name").value = cleanName(byId("name").value)));

let ticks = 0;
/** Sends by itself, at times that do not keep step with polls. */
function tick() {
  if (byId("every").checked) say(`message ${++ticks}`);
  setTimeout(tick, 600 + 800 * Math.random());
}

let isJoined = false;

/** Asks the servers what they have counted, once all have been joined. */
async function count() {
  isJoined ||= links.every((link) => link.stateWord !== "joining");
  try {
    if (isJoined) {
      const traffic = await (await fetch("/page/traffic.json")).json();
      for (const link of links) link.count(traffic[link.about.name], performance.now());
      comparison?.update();
    }
  } catch {
    // The server has ended, which the links say.
  }
  setTimeout(count, isJoined ? 1_000 : 50);
}

function describe() {
  const what = links.length > 1 ? `${links.length} transports` : links[0].about.name;
  byId("title").textContent = isRobot ? `A robot over ${what}` : `Chat over ${what}`;
  document.title = `${byId("title").textContent} - transport-bench`;
  byId("lead").textContent = isRobot
    ? "You talk with a robot: the server returns each message to you alone. Nobody else sees it."
    : "Group chat: everybody in the room gets each message, and so do you.";
  byId("name").value = `guest ${100 + Math.floor(Math.random() * 900)}`;
  byId("person").hidden = isRobot;
  byId("composer").hidden = false;
}

/** Says what the field is for, and which transports it sends over. */
function nameField() {
  const what = byId("kind").value === "file" ? "File to send" : "Message";
  const over = links.length === 1 ? "" : selected.length > 1 ? " over all of them" : ` over ${selected[0].about.name}`;
  byId("message-label").textContent = what + over;
}

function select(key) {
  selected = key === "all" ? links : links.filter(({ about: { name } }) => name === key);
  if (key !== "all") selected[0].view.scrollDown();
  nameField();
}

describe();
for (const { view } of links) byId("panels").append(view.element);
if (comparison) {
  byId("panels").prepend(comparison.element);
  const entries = links.map(({ about: { name }, view }) => ({ key: name, label: name, panel: view.element }));
  showTabs(byId("tabs"), [{ key: "all", label: "All", panel: comparison.element }, ...entries], select);
}
addEventListener("pagehide", () => links.forEach(({ wire }) => wire?.close()));
for (const link of links) link.open();
void count();
tick();
