/* What a page shows of one transport. Whatever comes from others becomes text, never markup. */
import { bytesText, clip, hexText, splitLine } from "./text.js";

/** Characters of one message that are shown. */
const maxShownCharacters = 1_000;
/** Messages that stay on the page. */
const maxShownMessages = 200;

/** An element with attributes and children; a string becomes text. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Shows a word or sentence of others so that its direction ends with it. */
const isolated = (className, text) => element("bdi", { class: className, dir: "auto" }, text);

/** The parts of a text message, or of the bytes of a binary one. */
function contentOf(message, sender) {
  if (typeof message !== "string")
    return [
      isolated("name", sender),
      " ",
      element("span", { class: "bytes" }, `${bytesText(message.length)}, binary: ${hexText(message)}`),
    ];
  const { name, text } = sender === undefined ? splitLine(message) : { name: sender, text: message };
  const { shown, hidden } = clip(text, maxShownCharacters);
  const rest =
    hidden === 0
      ? []
      : [" ", element("span", { class: "facts" }, `and ${hidden.toLocaleString("en")} more characters`)];
  return [...(name === "" ? [] : [isolated("name", clip(name, 40).shown), " "]), isolated("text", shown), ...rest];
}

/** The part of the page for one transport. `again` is called when the person wants to join again. */
export class TransportView {
  constructor({ name, title }, isRobot, again) {
    const label = isRobot ? `Messages of the robot over ${name}` : `Messages over ${name}`;
    this.log = element("div", { role: "log", "aria-label": label, tabindex: "0" });
    this.state = element("p", { class: "state" });
    this.again = element("button", { type: "button", hidden: "" }, "Join again");
    this.again.addEventListener("click", again);
    this.wire = element("p", { class: "facts" });
    const heading = element("h2", {}, name, " ", element("span", { class: "facts" }, title));
    this.element = element("section", { id: `panel-${name}` }, heading, this.state, this.again, this.log, this.wire);
  }

  /** Adds a message. `facts` is a short line about it; `sender` takes the place of the name in the message. */
  add(message, { own, facts, sender }) {
    const { log } = this;
    const follows = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    const unnamed = own ? "You" : "somebody"; // bytes carry no name
    const parts = contentOf(message, sender ?? (typeof message === "string" ? undefined : unnamed));
    if (facts) parts.push(" ", element("span", { class: "facts" }, facts));
    log.append(element("p", { class: own ? "message own" : "message" }, ...parts));
    while (log.childElementCount > maxShownMessages) log.firstElementChild.remove();
    if (follows) this.scrollDown();
  }

  /** Adds a sentence of the page itself. */
  note(sentence) {
    this.log.append(element("p", { class: "facts" }, sentence));
    this.scrollDown();
  }

  /** Shows the newest message, such as when the log was hidden until now. */
  scrollDown() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  show({ state, sentence }) {
    this.state.textContent = sentence;
    this.state.dataset.state = state;
    this.again.hidden = state !== "closed";
  }
}
