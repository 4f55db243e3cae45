/**
 * Script of the page. A click on a name in a legend hides or shows that transport in all charts. Pointing at a chart
 * prints the nearest row of its table. Without the script the page has the same content.
 */
export const browserScript = `"use strict";
(() => {
  const items = document.querySelectorAll("[data-slot]");
  for (const item of items) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-pressed", "true");
    button.title = "Show or hide this transport in all charts";
    button.append(...item.childNodes);
    item.append(button);
    button.addEventListener("click", () => {
      const slot = item.dataset.slot;
      const hidden = document.body.classList.toggle("hide-" + slot);
      for (const same of items)
        if (same.dataset.slot === slot) same.firstChild.setAttribute("aria-pressed", String(!hidden));
    });
  }
  for (const plot of document.querySelectorAll(".plot[data-at]")) {
    const figure = plot.closest("figure");
    const rows = [...figure.querySelectorAll("tbody tr")].slice(-plot.dataset.at.split(" ").length);
    const heads = [...(rows[0]?.closest("table").tHead.rows[0].cells ?? [])];
    const at = plot.dataset.at.split(" ").map(Number);
    const guide = document.createElementNS("http://www.w3.org/2000/svg", "line");
    guide.setAttribute("class", "guide");
    plot.append(guide);
    const box = plot.viewBox.baseVal;
    const show = (event) => {
      const rect = plot.getBoundingClientRect();
      const x = ((event.clientX - rect.left) / rect.width) * box.width;
      const near = at.reduce((best, each, i) => (Math.abs(each - x) < Math.abs(at[best] - x) ? i : best), 0);
      for (const [name, value] of [["x1", at[near]], ["x2", at[near]], ["y1", 20], ["y2", box.height - 40]])
        guide.setAttribute(name, value);
      const cells = [...(rows[near]?.cells ?? [])];
      const values = cells.slice(1).map((cell, i) => heads[i + 1].textContent + " " + cell.textContent);
      readout(figure).textContent = heads[0].textContent + " " + cells[0].textContent + ": " + values.join(" · ");
    };
    plot.addEventListener("pointermove", show);
    plot.addEventListener("pointerdown", show);
    readout(figure);
  }
  function readout(figure) {
    const existing = figure.querySelector(".readout");
    if (existing) return existing;
    const line = document.createElement("p");
    line.className = "readout";
    line.textContent = "Point at a chart to read its numbers.";
    figure.querySelector("figcaption").before(line);
    return line;
  }
})();`;
