/* Tabs as the ARIA practices describe them: arrow keys move, and the panel follows. */
import { element } from "./views.js";

/** Fills the list of tabs and ties each to its panel. `onSelect` is called with the key of a tab when it is selected. */
export function showTabs(list, entries, onSelect) {
  const tabs = entries.map(({ key, label, panel }) => {
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", `tab-${key}`);
    return element("button", { type: "button", role: "tab", id: `tab-${key}`, "aria-controls": panel.id }, label);
  });

  function select(index) {
    for (const [i, tab] of tabs.entries()) {
      tab.setAttribute("aria-selected", String(i === index));
      tab.tabIndex = i === index ? 0 : -1;
      entries[i].panel.hidden = i !== index;
    }
    onSelect(entries[index].key);
  }

  for (const [i, tab] of tabs.entries()) {
    tab.addEventListener("click", () => select(i));
    tab.addEventListener("keydown", (event) => {
      const steps = { ArrowRight: i + 1, ArrowLeft: i - 1 + tabs.length, Home: 0, End: tabs.length - 1 };
      if (!Object.hasOwn(steps, event.key)) return;
      event.preventDefault();
      const next = steps[event.key] % tabs.length;
      select(next);
      tabs[next].focus();
    });
  }
  list.append(...tabs);
  list.hidden = false;
  select(0);
}
