// A distribution beside another: numbers as a histogram, categories as pairs of bars.

import "../charts/histogram.js";
import { h } from "../dom.js";
import { ratio } from "../format.js";
import { legend } from "./facts.js";

const MOST_CATEGORIES = 10;
const MOST_BARS = 32;

// bins: [{label, low, high}]; observed and expected: shares of 1.
export function distribution({
  bins,
  observed,
  expected,
  label,
  height = 220,
  names = ["Now", "Expected"],
  source,
}) {
  const isNumber = bins.some(({ low, high }) => typeof low === "number" || typeof high === "number");
  const key = legend([
    [names[0], "observed-bar"],
    [names[1], isNumber ? "band" : "expected-bar"],
  ]);
  if (!isNumber) return [key, categories(bins, observed, expected, label, names)];
  const order = withoutEmptyEnds(
    bins.map((_, i) => i).filter((i) => typeof bins[i].low === "number" || typeof bins[i].high === "number"),
    observed,
    expected,
  );
  const groups = grouped(order, Math.ceil(order.length / MOST_BARS));
  const add = (values) => groups.map((group) => sum(group, values));
  const merged = groups.map((group) => ({ low: bins[group[0]].low, high: bins[group.at(-1)].high }));
  return [
    key,
    h("wk-histogram", {
      data: {
        label,
        names,
        height,
        source: source ?? observed,
        bins: merged,
        observed: add(observed),
        expected: add(expected),
      },
    }),
  ];
}

function grouped(order, size) {
  const groups = [];
  for (let i = 0; i < order.length; i += size) groups.push(order.slice(i, i + size));
  return groups;
}

function categories(bins, observed, expected, label, names) {
  const all = bins
    .map((_, i) => i)
    .sort((a, b) => Math.max(observed[b], expected[b]) - Math.max(observed[a], expected[a]));
  const order = all.slice(0, MOST_CATEGORIES);
  const left = all.slice(MOST_CATEGORIES);
  const most = Math.max(1e-9, ...order.map((i) => Math.max(observed[i], expected[i])));
  return h(
    "table",
    { class: "distribution", "aria-label": label },
    h(
      "thead",
      null,
      h(
        "tr",
        null,
        h("th", { scope: "col" }, "Value"),
        h("th", { scope: "col", class: "bars" }, h("span", { class: "unseen" }, "Shares")),
        h("th", { scope: "col", class: "number" }, names[0]),
        h("th", { scope: "col", class: "number" }, names[1]),
      ),
    ),
    h(
      "tbody",
      null,
      order.map((i) =>
        h(
          "tr",
          { key: i },
          h("th", { scope: "row", title: bins[i].label }, bins[i].label),
          h(
            "td",
            { class: "bars" },
            bar("observed", observed[i] / most),
            bar("expected", expected[i] / most),
          ),
          h("td", { class: "number" }, ratio(observed[i])),
          h("td", { class: "number quiet" }, ratio(expected[i])),
        ),
      ),
      left.length
        ? h(
            "tr",
            { key: "rest" },
            h("th", { scope: "row", class: "quiet" }, `${left.length} more`),
            h("td", { class: "bars" }),
            h("td", { class: "number" }, ratio(sum(left, observed))),
            h("td", { class: "number quiet" }, ratio(sum(left, expected))),
          )
        : null,
    ),
  );
}

function bar(tone, part) {
  return h("i", { class: `bar ${tone}`, style: { width: `${Math.max(0, Math.min(1, part)) * 100}%` } });
}

function withoutEmptyEnds(order, observed, expected) {
  const has = (i) => observed[i] > 0 || expected[i] > 0;
  const first = order.findIndex(has);
  const last = order.findLastIndex(has);
  return first < 0 ? order : order.slice(first, last + 1);
}

function sum(places, values) {
  return places.reduce((total, i) => total + values[i], 0);
}
