// What is watched, column by column.

import { h } from "../../dom.js";
import { number, plural } from "../../format.js";
import { capital } from "../../parts/badges.js";
import { panel } from "../../parts/panel.js";
import { table } from "../../parts/table.js";
import { read } from "../../resources.js";
import { go, here, link } from "../../router.js";
import { heatmapPath } from "./drift.js";

const MOST_SHOWN = 12;

export function columnsPanel(model, detail, range) {
  const worst = new Map(
    (read(heatmapPath(model, range), "heatmap").value?.columns ?? []).map((one) => [keyOf(one), one.worst]),
  );
  const query = new URLSearchParams(location.search);
  const wanted = (query.get("column") ?? "").toLowerCase();
  const all = [...detail.columns].sort(
    (a, b) => (worst.get(keyOf(b)) ?? -1) - (worst.get(keyOf(a)) ?? -1) || a.name.localeCompare(b.name),
  );
  const found = all.filter(({ name, segment }) => `${name} ${segment}`.toLowerCase().includes(wanted));
  const isAll = query.has("all") || wanted !== "";
  const shown = isAll ? found : found.slice(0, MOST_SHOWN);
  return panel(
    {
      id: "columns",
      title: "Columns",
      note: "What is watched, with the cycles that each column was found to follow.",
      tools: h("input", {
        type: "search",
        "aria-label": "Find a column",
        placeholder: "Find a column",
        value: query.get("column") ?? "",
        "data-search": true,
        spellcheck: "false",
        on: { input: (event) => go(here({ column: event.target.value }), { replace: true }) },
      }),
    },
    () => [
      table({
        label: "Columns",
        rows: shown,
        key: keyOf,
        className: "cards columns-table",
        columns: [
          {
            name: "name",
            title: "Column",
            cell: ({ name, segment }) => [
              h(
                "a",
                {
                  href: link(["models", model, "columns", name], { segment }),
                  class: "stretch",
                  "data-row": true,
                },
                name,
              ),
              segment ? h("small", null, segment) : null,
            ],
          },
          { name: "type", title: "Type", cell: ({ type }) => capital(String(type)) },
          {
            name: "cycles",
            title: "Cycles",
            cell: ({ cycles }) => (cycles.length ? cycles.join(", ") : h("span", { class: "quiet" }, "none")),
          },
          {
            name: "weight",
            title: "Weight",
            isNumber: true,
            isMinor: true,
            cell: ({ weight }) => number(weight, 3),
          },
          {
            name: "worst",
            title: "Farthest",
            isNumber: true,
            cell: (one) => farthest(worst.get(keyOf(one))),
          },
        ],
      }),
      found.length > shown.length
        ? h(
            "p",
            { class: "more" },
            h("a", { href: here({ all: 1 }) }, `All ${plural(found.length, "column")}`),
          )
        : null,
      found.length === 0 ? h("p", { class: "quiet" }, `No column's name has “${wanted}” in it.`) : null,
    ],
  );
}

function farthest(value) {
  if (value === undefined || value === null) return h("span", { class: "quiet" }, "–");
  return h("span", { class: value >= 4 ? "far-word" : null }, `${number(value, 2)} spreads`);
}

function keyOf({ name, segment }) {
  return `${name}\u0000${segment ?? ""}`;
}
