/**
 * The part of the page's script that draws a panel from the points so far. It reads `trials`, `running` and `dashes` of
 * the script around it.
 */
export const liveChartScript = `  const four = (n) => n.toLocaleString("en", { maximumSignificantDigits: n >= 1000 ? 6 : 3 });

  function svg(name, attributes, text) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function scale(values, allowLog) {
    const most = values.reduce((max, v) => Math.max(max, v), 0) || 1;
    const least = values.reduce((min, v) => Math.min(min, v), Infinity);
    if (allowLog && least > 0 && most / least > 20) return logScale(least, most);
    const rough = most / 4;
    const one = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((n) => n * one).find((n) => n >= rough * 0.999);
    const ticks = Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(12)));
    return { ticks, share: (v) => v / ticks.at(-1) };
  }
  function logScale(least, most) {
    const from = Math.floor(Math.log10(least));
    const to = Math.ceil(Math.log10(most));
    const ticks = Array.from({ length: to - from + 1 }, (_, i) => Number((10 ** (from + i)).toPrecision(12)));
    return { ticks, share: (v) => Math.log(v / ticks[0]) / Math.log(ticks.at(-1) / ticks[0]) };
  }

  function draw(id, linesOf, allowLog) {
    const plot = at(id).querySelector("svg");
    const known = [...trials].flatMap(([number, trial]) =>
      linesOf(trial).filter(({ points }) => points.length > 0).map((line) => ({ ...line, number, trial })),
    );
    const lines = known.filter(({ number, thin }) => !thin || number === running);
    const all = lines.flatMap(({ points }) => points);
    const x = scale([...all.map(([second]) => second), 5], false);
    const y = scale(all.map(([, value]) => value), allowLog);
    // One unit is one pixel, so that a text has its size on every screen.
    const width = Math.max(240, plot.clientWidth);
    plot.setAttribute("viewBox", "0 0 " + width + " 180");
    const [left, right, top, bottom] = [52, width - 14, 10, 158];
    const px = (v) => left + x.share(v) * (right - left);
    const py = (v) => bottom - y.share(v) * (bottom - top);
    plot.replaceChildren(
      ...(all.length > 0 ? y.ticks : [0]).flatMap((tick) => [
        svg("line", { class: tick <= y.ticks[0] ? "axis" : "grid", x1: left, x2: right, y1: py(tick), y2: py(tick) }),
        svg("text", { x: left - 6, y: py(tick) + 4, "text-anchor": "end" }, four(tick)),
      ]),
      ...x.ticks.map((tick) => svg("text", { x: px(tick), y: 174, "text-anchor": "middle" }, four(tick))),
      ...lines.flatMap(({ points, number, trial, thin }) => {
        const now = number === running;
        const d = points.map(([s, v], i) => (i ? "L" : "M") + px(s).toFixed(1) + " " + py(v).toFixed(1)).join("");
        const [s, v] = points.at(-1);
        const look = { class: "s" + trial.slot + " stroke" + (now ? "" : " old"), "stroke-width": (now ? 2 : 1.5) / (thin ? 2 : 1) };
        return [
          svg("path", { d, ...look, "stroke-dasharray": dashes[trial.slot].join(" ") }),
          ...(now || points.length === 1 ? [svg("circle", { class: "s" + trial.slot, cx: px(s), cy: py(v), r: 3 })] : []),
        ];
      }),
    );
    const ofRunning = known.filter(({ number }) => number === running);
    const shown = ofRunning.length > 0 ? ofRunning : known.filter(({ number }) => number === known.at(-1).number);
    const title = at(id).querySelector("h3").textContent;
    const value = at(id).querySelector(".value");
    value.replaceChildren();
    if (shown.length > 0) {
      const numbers = shown.map(({ points }) => four(points.at(-1)[1])).join(" / ");
      value.append(numbers + " ");
      const small = document.createElement("small");
      small.textContent = shown[0].trial.label + ", at " + four(shown[0].points.at(-1)[0]) + " s";
      value.append(small);
    } else value.textContent = "-";
    plot.setAttribute("aria-label", title + ": " + (value.textContent === "-" ? "no numbers yet" : value.textContent));
  }`;
