// What each feature contributed to an output: bars to both sides of none, largest amounts first.

import { h } from "../dom.js";
import { number } from "../format.js";
import { link } from "../router.js";
import { panel } from "./panel.js";

const SHOWN_AT_FIRST = 12;

// explanation: {feature: contribution}, in the order that they are shown in.
export function contributions(explanation, model) {
  const all = Object.entries(explanation ?? {});
  if (!all.length) return null;
  const largest = Math.max(...all.map(([, value]) => Math.abs(value)).filter(Number.isFinite), 1e-300);
  const list = (some) =>
    h(
      "dl",
      { class: "values contributions" },
      some.map(([name, value]) => row(name, value, largest, model)),
    );
  const rest = all.slice(SHOWN_AT_FIRST);
  return panel(
    { id: "contributions", title: "Why", note: "What each feature contributed to the output, as it was logged." },
    () => [
      list(all.slice(0, SHOWN_AT_FIRST)),
      rest.length
        ? h("details", { class: "lead" }, h("summary", null, `${rest.length} smaller ones`), list(rest))
        : null,
    ],
  );
}

function row(name, value, largest, model) {
  const width = Number.isFinite(value) ? (50 * Math.abs(value)) / largest : 0;
  const style = { width: `${width}%`, left: `${value < 0 ? 50 - width : 50}%` };
  return h(
    "div",
    { key: name },
    h("dt", null, h("a", { href: link(["models", model, "columns", `explanation:${name}`]) }, name)),
    h(
      "dd",
      null,
      h("span", { class: "pull", "aria-hidden": "true" }, h("i", { class: value < 0 ? "down" : null, style })),
      h(
        "span",
        null,
        typeof value === "number" ? `${value > 0 ? "+" : ""}${number(value, 4)}` : String(value),
      ),
    ),
  );
}
