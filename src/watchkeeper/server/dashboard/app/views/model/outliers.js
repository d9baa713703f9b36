// How many predictions are unlike anything the baseline was learned from, beside how many usually are.

import { path } from "../../api.js";
import "../../charts/time_chart.js";
import { h } from "../../dom.js";
import { count, plural, ratio } from "../../format.js";
import { facts, legend } from "../../parts/facts.js";
import { nothing, panel } from "../../parts/panel.js";
import { read } from "../../resources.js";
import { link } from "../../router.js";
import { iso } from "../../time_range.js";
import { zone } from "../../zone.js";
import { zoom } from "./evidence.js";

export function outliersPanel(model, range) {
  const entry = read(path(["models", model, "outliers"], { from: iso(range.from), to: iso(range.to) }), "outliers");
  return panel(
    {
      id: "outliers",
      title: "Outliers",
      note: "Predictions whose values, each or together, are unlike the baseline's reference, told as they arrive.",
      height: 200,
      entries: [entry],
    },
    (answer) => {
      if (!answer.starts.length) return nothing(answer.said[0] ?? "No prediction of this time was scored.");
      return [standing(answer, range), course(answer, range), answer.said.map(said)];
    },
  );
}

function standing(answer, range) {
  const scored = sum(answer.scored);
  const outliers = sum(answer.outliers);
  const shown = link(["predictions"], {
    model: answer.model,
    outlier: "true",
    from: iso(range.from),
    to: iso(range.to),
    last: null,
  });
  return facts([
    [
      "Outliers",
      outliers ? h("a", { href: shown }, plural(outliers, "prediction")) : "none",
      `${ratio(outliers / scored)} of ${count(scored)}`,
    ],
    answer.usual_ratio !== null && ["Usual", ratio(answer.usual_ratio), `by ${plural(answer.reference_rows, "row")}`],
    ["Looked at", plural(answer.columns.length, "column")],
    answer.incident && ["Incident", h("a", { href: link(["incidents", answer.incident]) }, "far more than usual")],
  ]);
}

function course(answer, range) {
  const starts = answer.starts.map((one) => Date.parse(one));
  return h(
    "figure",
    { key: "course" },
    h("wk-chart", {
      data: {
        source: answer,
        zone: zone(),
        ...range,
        starts,
        ends: starts.map((one) => one + answer.step_seconds * 1000),
        onZoom: zoom,
        label: "Part of predictions that are outliers, over time",
        height: 140,
        format: ratio,
        low: 0,
        lines: [
          { name: "Usual", tone: "reference", values: starts.map(() => answer.usual_ratio) },
          {
            name: "Outliers",
            tone: "observed",
            isArea: true,
            values: answer.outliers.map((one, i) => one / answer.scored[i]),
          },
        ],
      },
    }),
    legend([
      ["Outliers", "observed"],
      ["Usual", "reference"],
    ]),
  );
}

function said(line) {
  return h("p", { class: "quiet", key: line }, line);
}

function sum(numbers) {
  return numbers.reduce((total, one) => total + one, 0);
}
