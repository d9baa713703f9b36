// How much each feature contributes to outputs, now and in the reference; of models that say so.

import { path } from "../../api.js";
import { h } from "../../dom.js";
import { count, number } from "../../format.js";
import { nothing, panel } from "../../parts/panel.js";
import { table } from "../../parts/table.js";
import { read } from "../../resources.js";
import { link } from "../../router.js";
import { iso } from "../../time_range.js";

const MOST_SHOWN = 12;

export function reasonsPanel(model, detail, range) {
  if (!detail.columns.some((one) => one.name.startsWith("explanation:"))) return null;
  const window = { from: iso(range.from), to: iso(range.to) };
  const entry = read(path(["models", model, "explanations"], window), "explanations");
  return panel(
    {
      id: "reasons",
      title: "Reasons",
      note: "How much each feature contributes to outputs on average, whichever way, beside the baseline's reference.",
      height: 240,
      entries: [entry],
    },
    (answer) => [
      answer.current.explained ? features(answer) : null,
      answer.said.map((line) => nothing(line)),
      answer.current.explained ? h("p", { class: "quiet", key: "rows" }, rows(answer)) : null,
    ],
  );
}

function features(answer) {
  const largest = Math.max(...answer.features.map((one) => one.now ?? 0), 1e-300);
  return table({
    label: "Mean absolute contributions",
    rows: answer.features.slice(0, MOST_SHOWN),
    key: (one) => one.feature,
    className: "cards",
    columns: [
      {
        name: "feature",
        title: "Feature",
        cell: ({ feature }) =>
          h("a", { href: link(["models", answer.model, "columns", `explanation:${feature}`]) }, feature),
      },
      {
        name: "now",
        title: "Now",
        cell: ({ now }) => [
          h(
            "span",
            { class: "share-bar of-reasons", "aria-hidden": "true" },
            h("i", { style: { width: `${(100 * (now ?? 0)) / largest}%` } }),
          ),
          number(now, 3),
        ],
      },
      { name: "part", title: "Of all", isNumber: true, cell: ({ now_ratio: part }) => percent(part) },
      { name: "reference", title: "Reference", isNumber: true, cell: ({ reference }) => number(reference, 3) },
      { name: "change", title: "Change", cell: ({ change }) => (change ? changed(change) : "–") },
    ],
  });
}

function percent(part) {
  return part === null ? "–" : `${Math.round(100 * part)} %`;
}

function changed({ value, low, high }) {
  const isTold = low > 0 || high < 0;
  const signed = (one) => `${one > 0 ? "+" : ""}${number(one, 2)}`;
  return [
    h(isTold ? "strong" : "span", null, signed(value)),
    low === null ? null : h("span", { class: "quiet" }, ` ${signed(low)} to ${signed(high)}`),
  ];
}

function rows({ current, features: all }) {
  const more = all.length > MOST_SHOWN ? ` The ${MOST_SHOWN} largest of ${count(all.length)} features.` : "";
  return `${count(current.explained)} of ${count(current.rows)} predictions looked at are explained.${more}`;
}
