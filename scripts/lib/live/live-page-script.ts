import { colours, markerOf } from "../../../results/report/markup/markers.ts";
import { liveChartScript } from "./live-chart-script.ts";

/** Trials whose lines a chart has. More faint lines merge into a grey area. */
const mostTrials = 12;

/** Dashes by slot, as in the report. */
const dashes = Array.from({ length: 3 * colours }, (_, slot) => markerOf(slot).dash);

/**
 * Script of the page that follows a run: it draws what events tell. Texts from events are set as text, except the rows,
 * whose markup the server has escaped.
 */
export const livePageScript = `"use strict";
(() => {
  const dashes = ${JSON.stringify(dashes)};
  const trials = new Map();
  let plan = { transports: [] };
  let running;
  let ended = false;
  let waiting = false;
  const at = (id) => document.getElementById(id);
  const say = (id, text) => {
    if (at(id).textContent !== text) at(id).textContent = text;
  };
  const count = (n) => n.toLocaleString("en");
  const slotOf = (transport) => Math.max(0, plan.transports.indexOf(transport)) % dashes.length;
  const of = (number) => trials.get(number) ?? {};

${liveChartScript}

  const pairs = (list, name) => list.filter((p) => p[name] !== undefined).map((p) => [p.second, p[name]]);
  function drawAll() {
    waiting = false;
    draw("delivered", ({ rates }) => [{ points: pairs(rates, "delivered") }], false);
    draw("sent", ({ rates }) => [{ points: pairs(rates, "sent") }], false);
    draw("fanout", ({ latencies }) => [
      { points: pairs(latencies, "p50Ms") }, { points: pairs(latencies, "maxMs"), thin: true },
    ], true);
    draw("cpu", ({ timeline }) => [{ points: pairs(timeline, "cpuPercent") }], false);
  }
  const redraw = () => {
    if (!waiting) requestAnimationFrame(drawAll);
    waiting = true;
  };

  function showLegend() {
    at("legend").replaceChildren(...plan.transports.map((name) => {
      const slot = slotOf(name);
      const swatch = svg("svg", { class: "swatch s" + slot, viewBox: "0 0 32 12", "aria-hidden": "true" });
      swatch.append(svg("path", { class: "line", d: "M0 6H32", "stroke-dasharray": dashes[slot].join(" ") }));
      const item = document.createElement("li");
      item.append(swatch, " " + name);
      return item;
    }));
  }

  const on = {
    plan(event) {
      if (plan.run !== undefined && plan.run !== event.run) location.reload();
      plan = event;
      showLegend();
    },
    trial({ number, label, transport, note }) {
      running = number;
      if (!trials.has(number)) trials.set(number, { label, slot: slotOf(transport), rates: [], latencies: [], timeline: [] });
      for (const old of [...trials.keys()].slice(0, -${mostTrials})) trials.delete(old);
      const place = number + (plan.trials ? " of " + plan.trials : "");
      say("trial", place + ": " + label);
      document.title = place + " " + label;
      say("phase", note ?? "starting");
      for (const id of ["clients", "deliveries"]) say(id, "-");
      at("trials").max = plan.trials ?? number;
      at("trials").value = number - 1;
      redraw();
    },
    now({ phase, clients, connected, deliveries, secondsLeft }) {
      say("phase", phase + (secondsLeft === undefined ? "" : ", " + count(secondsLeft) + " s left"));
      say("clients", count(connected) + " of " + count(clients) + " connected");
      say("deliveries", deliveries > 0 ? count(deliveries) : "-");
    },
    rates({ trial, ...point }) {
      of(trial).rates?.push(point);
      redraw();
    },
    latency({ trial, ...point }) {
      of(trial).latencies?.push(point);
      redraw();
    },
    timeline({ trial, points }) {
      Object.assign(of(trial), { timeline: points, latencies: points });
      at("trials").value = trial;
      redraw();
    },
    rows({ html }) {
      const focused = at("rows").contains(document.activeElement);
      at("rows").innerHTML = html;
      if (focused) at("rows").querySelector("[tabindex]")?.focus();
    },
    end({ how, report, command }) {
      ended = true;
      running = undefined;
      say("phase", how === "finished" ? "the run has ended" : "the run was interrupted");
      if (report) return location.reload();
      events.close();
      say("problem", command === "" ? "There is no row, so there is no report." : "The rows are in their file. This command makes the report: " + command);
    },
  };
  addEventListener("resize", redraw);
  const events = new EventSource("events");
  events.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    on[event.kind]?.(event);
  };
  events.onopen = () => say("problem", "");
  events.onerror = () => {
    if (!ended) say("problem", "The run does not answer. This page tries again each second, and is told then what it missed.");
  };
})();`;
