/* The table that shows all transports side by side. */
import { bytesText, msText } from "./text.js";
import { element } from "./views.js";

/** A bar that is as long as its share of the longest one. Numbers stand beside it, so it is decoration. */
function bar() {
  const filled = element("span");
  return { element: element("span", { class: "bar", "aria-hidden": "true" }, filled), filled };
}

function row({ name, title }) {
  const trip = element("span", { class: "number" }, "-");
  const median = element("span", { class: "facts" });
  const wire = element("span", { class: "number" }, "-");
  const rate = element("span", { class: "facts" });
  const [tripBar, wireBar] = [bar(), bar()];
  const header = element("th", { scope: "row" }, name, " ", element("span", { class: "facts title" }, title));
  const cells = [element("td", {}, trip, tripBar.element, median), element("td", {}, wire, wireBar.element, rate)];
  return { element: element("tr", {}, header, ...cells), trip, median, wire, rate, tripBar, wireBar };
}

/** The part of the page that compares transports. */
export class Comparison {
  constructor(links) {
    this.rows = new Map(links.map((link) => [link, row(link.about)]));
    const headings = ["Transport", "Round trip", "On the wire"].map((text) => element("th", { scope: "col" }, text));
    this.last = element("p", { class: "state" }, "Send a message: it goes over all of them at the same time.");
    this.element = element(
      "section",
      { id: "panel-all", tabindex: "0" },
      element("h2", {}, "All side by side"),
      this.last,
      element(
        "table",
        {},
        element("thead", {}, element("tr", {}, ...headings)),
        element("tbody", {}, ...[...this.rows.values()].map((each) => each.element)),
      ),
      element(
        "p",
        { class: "facts" },
        "Round trip: from sending until the server has sent it back. On the wire: all bytes in both directions since you " +
          "came, headers and empty polls too, as the servers count them for everybody who has joined. Even when nobody " +
          "writes, polling costs bytes.",
      ),
    );
  }

  update() {
    const links = [...this.rows.keys()];
    const longest = (value) => Math.max(...links.map((link) => value(link) ?? 0));
    const [maxMs, maxBytes] = [longest((link) => link.trips.medianMs), longest((link) => link.wireBytes)];
    for (const [link, shown] of this.rows) {
      const { trips, wireBytes, bytesPerSecond } = link;
      const { lastMs, medianMs, count, due } = trips;
      shown.trip.textContent = due > 0 ? "waiting" : lastMs === undefined ? link.stateWord : msText(lastMs);
      shown.median.textContent = medianMs === undefined ? "" : `median of ${count}: ${msText(medianMs)}`;
      shown.tripBar.filled.style.width = share(medianMs, maxMs);
      shown.wire.textContent = wireBytes === undefined ? "-" : bytesText(wireBytes);
      shown.rate.textContent = bytesPerSecond === undefined ? "" : `now ${bytesText(bytesPerSecond)}/s`;
      shown.wireBar.filled.style.width = share(wireBytes, maxBytes);
    }
  }
}

function share(value, longest) {
  return value === undefined || longest === 0 ? "0" : `${(100 * value) / longest}%`;
}
