// Shadow models beside the one that serves, on the requests that both answered.

import { path } from "../../api.js";
import { h } from "../../dom.js";
import { count, number, plural, ratio, seconds, signed, usd } from "../../format.js";
import { nothing, panel } from "../../parts/panel.js";
import { table } from "../../parts/table.js";
import { read } from "../../resources.js";
import { link } from "../../router.js";
import { iso } from "../../time_range.js";

export function shadowsPanel(model, range) {
  const entry = read(path(["models", model, "shadows"], { from: iso(range.from), to: iso(range.to) }), "shadows");
  return panel(
    {
      id: "shadows",
      title: "Shadows",
      note: "Models that get the same requests and whose answers nobody sees. Differences are from pairs, with intervals at 95 %.",
      height: 120,
      entries: [entry],
    },
    (answer) => (answer.shadows.length ? answer.shadows.map(one) : none()),
  );
}

function none() {
  return nothing(
    "This model has no shadow.",
    h(
      "p",
      { class: "quiet" },
      "Log a second model's answers under the same prediction ids, and put ",
      h("code", null, "shadow_of:"),
      " in its settings.",
    ),
  );
}

function one(found) {
  const rows = [...found.metrics, ...found.service].filter((row) => row.live !== null || row.shadow !== null);
  return h(
    "figure",
    { key: found.shadow },
    h(
      "figcaption",
      null,
      h("strong", null, h("a", { href: link(["models", found.shadow]) }, found.shadow)),
      ` ${plural(found.pairs, "request")} answered by both, ${count(found.labelled)} with a label`,
    ),
    found.said.map((line, i) => h("p", { key: line, class: i ? "quiet" : null }, line)),
    found.agreement && h("p", { key: "agreement", class: "quiet" }, agreement(found.agreement)),
    rows.length
      ? table({
          label: `${found.shadow} beside ${found.model}`,
          rows,
          key: (row) => row.name,
          className: "cards",
          columns: [
            { name: "label", title: "Quantity", cell: (row) => titled(row.label) },
            { name: "live", title: found.model, isNumber: true, cell: (row) => value(row, row.live) },
            { name: "shadow", title: found.shadow, isNumber: true, cell: (row) => value(row, row.shadow) },
            { name: "difference", title: "Difference", isNumber: true, cell: difference },
            { name: "verdict", title: "The shadow is", cell: (row) => (row.verdict === "unknown" ? "" : row.verdict) },
          ],
        })
      : null,
  );
}

function agreement(found) {
  const told = [
    found.ratio !== null && `${ratio(found.ratio)} get the same class`,
    found.mean_distance !== null && `numbers are ${number(found.mean_distance)} apart`,
    found.correlation !== null && `their correlation is ${number(found.correlation, 3)}`,
  ];
  return `Answers: ${told.filter(Boolean).join("; ")}.`;
}

function difference(row) {
  if (row.difference === null) return h("span", { class: "quiet" }, "cannot be said");
  const ends = row.low === null ? null : h("small", null, `${number(row.low, 3)} to ${number(row.high, 3)}`);
  return h("span", null, signed(row.difference), ends);
}

function value(row, found) {
  if (found === null) return h("span", { class: "quiet" }, "cannot be said");
  if (row.unit === "ratio") return ratio(found);
  if (row.unit === "seconds") return seconds(found);
  return row.unit === "usd" ? usd(found) : number(found);
}

function titled(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
