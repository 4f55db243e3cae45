/* One transport of the page: its connection, the round trips over it, and what is shown of it. */
import { Rate, RoundTrips } from "./round-trips.js";
import { bytesText, chatLine, costText, msText } from "./text.js";
import { TransportView } from "./views.js";
import { openWire } from "./wires.js";

/** One transport. `onChange` is called when there is something new to show. */
export class Link {
  constructor(about, isRobot, onChange) {
    this.about = { ...about, origin: originOf(about) };
    this.isRobot = isRobot;
    this.onChange = onChange;
    this.trips = new RoundTrips();
    this.rate = new Rate();
    this.view = new TransportView(about, isRobot, () => this.open());
    this.room = "lobby";
  }

  /** Joins the server. */
  open() {
    this.state("joining", "Joining ...");
    this.wire = openWire(this.about, {
      opened: () => {
        this.state("open", "Connected.");
        if (this.room !== "lobby") this.moveTo(this.room);
      },
      message: (message) => this.receive(message),
      lost: () => this.state("joining", "The connection broke. The browser opens it again ..."),
      closed: (reason) => {
        this.trips.forgetWaiting();
        this.state("closed", `Not connected: ${reason}.`);
      },
    });
  }

  /** Sends what a person has typed, or bytes. */
  say(message, name) {
    if (this.stateWord !== "open") return;
    const payload = typeof message === "string" && !this.isRobot ? chatLine(name, message) : message;
    if (this.isRobot) this.view.add(payload, { own: true, sender: "You" });
    this.send(payload);
  }

  moveTo(room) {
    this.room = room;
    if (this.stateWord === "open") this.send(`room ${room}`);
  }

  send(payload) {
    this.trips.sent(payload, performance.now());
    this.wire.send(payload);
    this.onChange(this);
  }

  receive(message) {
    const tripMs = this.trips.received(message, performance.now());
    const own = tripMs !== undefined;
    if (own && message === `room ${this.room}`) this.view.note(`You are in the room ${this.room}.`);
    else {
      const facts = own ? `${msText(tripMs)}, ${costText(message, this.about.plainFrames)}` : "";
      this.view.add(message, { own: own && !this.isRobot, facts, ...(this.isRobot && { sender: "Robot" }) });
    }
    this.onChange(this);
  }

  state(word, sentence) {
    this.stateWord = word;
    this.view.show({ state: word, sentence });
    this.onChange(this);
  }

  /** Takes what the server has counted. Shows what was added since the first time. */
  count(traffic, nowMs) {
    if (!traffic) return;
    this.first ??= traffic;
    const added = (key) => traffic[key] - this.first[key];
    this.wireBytes = added("wireIn") + added("wireOut");
    this.bytesPerSecond = this.rate.add(this.wireBytes, nowMs);
    const [came, left] = [added("payloadIn"), added("payloadOut")].map(bytesText);
    const polls = added("polls") > 0 ? ` ${added("polls").toLocaleString("en")} polls were answered.` : "";
    this.view.wire.textContent =
      `Since you came, the server has received ${bytesText(added("wireIn"))} on the wire, ${came} of them messages, and ` +
      `sent ${bytesText(added("wireOut"))}, ${left} of them messages, to everybody together.${polls}`;
  }
}

/** Where a server is: this page's own origin, or another port of its host. */
function originOf({ port }) {
  return port === undefined ? location.origin : `${location.protocol}//${location.hostname}:${port}`;
}
