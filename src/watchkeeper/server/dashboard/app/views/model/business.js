// What people do with the predictions: watched business metrics, day by day as they were judged.

import { path } from "../../api.js";
import "../../charts/time_chart.js";
import { h } from "../../dom.js";
import { number, plural, ratio } from "../../format.js";
import { facts, legend } from "../../parts/facts.js";
import { nothing, panel } from "../../parts/panel.js";
import { read } from "../../resources.js";
import { link } from "../../router.js";
import { iso } from "../../time_range.js";
import { DAY, zone } from "../../zone.js";
import { zoom } from "./evidence.js";

const LEAST_DAYS = 56;

const STATES = { usual: "as usual", worse: "worse", better: "better", "not watched": "not judged" };

export function businessPanel(model, range) {
  // Days say little by the week.
  const span = { ...range, from: Math.min(range.from, range.to - LEAST_DAYS * DAY) };
  const entry = read(path(["models", model, "business", "days"], { from: iso(span.from), to: iso(span.to) }), "business");
  return panel(
    {
      id: "business",
      title: "Business",
      note: "What people do with the predictions, day by day as it was judged, beside what its season lets expect.",
      height: 120,
      entries: [entry],
    },
    (answer) => (answer.metrics.length ? answer.metrics.map((one) => metric(one, answer, span)) : none()),
  );
}

function none() {
  return nothing(
    "No business metric is declared.",
    h("p", { class: "quiet" }, "Put ", h("code", null, "business:"), " in the model's settings to watch one."),
  );
}

function metric(one, answer, span) {
  const { watch } = one;
  const shown = one.is_share ? ratio : number;
  return h(
    "figure",
    { key: one.name },
    h("figcaption", null, h("strong", null, one.name), one.unit ? ` in ${one.unit}` : ""),
    facts([
      ["Now", STATES[watch.state]],
      watch.usual !== null && ["Usual", shown(watch.usual), `by ${plural(watch.reference_days, "day")}`],
      watch.incident && ["Incident", h("a", { href: link(["incidents", watch.incident]) }, "open")],
    ]),
    watch.said && h("p", { class: "quiet" }, watch.said),
    one.starts.length ? course(one, answer, span, shown) : null,
  );
}

function course(one, answer, span, shown) {
  const starts = one.starts.map((start) => Date.parse(start));
  return [
    h("wk-chart", {
      data: {
        source: answer,
        zone: zone(),
        ...span,
        starts,
        ends: starts.map((start) => start + DAY),
        onZoom: zoom,
        label: `${one.name}, by day`,
        height: 120,
        format: shown,
        lines: [
          { name: "Expected", tone: "reference", values: one.expected },
          { name: one.name, tone: "observed", values: one.value },
        ],
      },
    }),
    legend([
      [one.name, "observed"],
      ["Expected", "reference"],
    ]),
  ];
}
