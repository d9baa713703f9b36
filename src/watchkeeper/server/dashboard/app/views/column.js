// One column: its course with what was expected, its distribution beside the season's, its distances.

import { path } from "../api.js";
import "../charts/time_chart.js";
import { h } from "../dom.js";
import { number, plural, ratio, signed } from "../format.js";
import { crumbs, facts, legend } from "../parts/facts.js";
import { distribution } from "../parts/distribution.js";
import { body, nothing, panel } from "../parts/panel.js";
import { read } from "../resources.js";
import { go, here, link } from "../router.js";
import { iso } from "../time_range.js";
import { zone } from "../zone.js";
import { modelRange } from "./model.js";
import { UNTIMED, zoom } from "./model/evidence.js";

const DISTANCES = [
  ["psi", "PSI"],
  ["jensen_shannon", "Jensen-Shannon"],
  ["hellinger", "Hellinger"],
  ["wasserstein", "Wasserstein"],
  ["kolmogorov_smirnov", "Kolmogorov-Smirnov"],
  ["total_variation", "Total variation"],
];

export const column = {
  title: ({ params }) => `${params.column} · ${params.model}`,
  section: "fleet",
  render: (context) => {
    const { model, column: name } = context.params;
    const segment = context.query.get("segment") ?? "";
    return [
      crumbs(["Fleet", link([])], [model, link(["models", model])], [name]),
      body(
        [read(path(["models", model]), "model")],
        (detail) => {
          context.range = modelRange(context.query, detail);
          return [
            head(detail, name, segment),
            course(model, name, segment, context.range),
            shape(model, name, segment, context.range),
          ];
        },
        420,
      ),
    ];
  },
};

function head(detail, name, segment) {
  const own = detail.columns.filter((one) => one.name === name);
  const about = own.find((one) => (one.segment ?? "") === segment) ?? own[0];
  const others = own.filter((one) => one.segment);
  return h(
    "div",
    { class: "head", key: "head" },
    h("h1", { class: "name" }, name, segment ? h("small", null, segment) : null),
    about
      ? facts([
          ["Type", about.type],
          ["Cycles", about.cycles.length ? about.cycles.join(", ") : "none"],
          ["Weight", number(about.weight, 3)],
        ])
      : null,
    others.length
      ? h(
          "label",
          { class: "inline" },
          "Rows ",
          h(
            "select",
            { on: { change: (event) => go(here({ segment: event.target.value }), { replace: true }) } },
            h("option", { value: "", selected: segment === "" }, "All rows"),
            others.map((one) =>
              h(
                "option",
                { key: one.segment, value: one.segment, selected: one.segment === segment },
                one.segment,
              ),
            ),
          ),
        )
      : null,
  );
}

function course(model, name, segment, range) {
  const entry = read(
    path(["models", model, "history"], {
      from: iso(range.from),
      to: iso(range.to),
      columns: named(name),
      segment,
    }),
    "course",
  );
  return panel(
    {
      id: "course",
      title: "Course",
      height: 420,
      entries: [entry],
      note: "What was observed in each bucket, and the band that its season and the buckets before let expect.",
    },
    (past) => {
      const own = past.columns.find((one) => one.name === name && (one.segment ?? "") === segment);
      if (!own || !past.starts.length) return nothing("No judged bucket in this time.");
      if (past.starts[0] === null) return nothing(UNTIMED);
      const format = formatOf(own);
      const shared = {
        source: past,
        by: segment,
        zone: zone(),
        ...range,
        starts: past.starts.map(Date.parse),
        ends: past.ends.map(Date.parse),
        onZoom: zoom,
      };
      return [
        figure(
          "observed",
          measureName(own),
          {
            ...shared,
            label: `${name}: ${measureName(own)}`,
            height: 240,
            format,
            band: { name: "Usual", low: own.low, high: own.high },
            lines: [
              { name: "Expected", values: own.expected, tone: "expected" },
              { name: "Observed", values: own.observed, tone: "observed" },
            ],
          },
          legend([
            ["Observed", "observed"],
            ["Expected, with its usual spread", "band"],
          ]),
        ),
        figure("distance", "Distance from the expectation, in usual spreads", {
          ...shared,
          label: "Drift",
          height: 130,
          format: (value) => number(value, 3),
          low: 0,
          high: 5,
          lines: [{ name: "Distance", values: own.drift, tone: "observed", isArea: true }],
          threshold: { value: 4, text: "far" },
        }),
        own.null_ratio.some((value) => value > 0)
          ? figure("nulls", "Missing values", {
              ...shared,
              label: "Share of missing values",
              height: 110,
              format: ratio,
              low: 0,
              lines: [{ name: "Missing", values: own.null_ratio, tone: "observed", isArea: true }],
            })
          : null,
      ];
    },
  );
}

function shape(model, name, segment, range) {
  const entry = read(
    path(["models", model, "distribution"], {
      column: name,
      segment,
      from: iso(range.from),
      to: iso(range.to),
    }),
    "shape",
  );
  return panel(
    {
      id: "distribution",
      title: "Distribution",
      height: 320,
      entries: [entry],
      note: "All of this time, beside what the season lets expect for the very same buckets.",
    },
    (answer) =>
      answer.rows === 0
        ? nothing("No row of this column in this time.")
        : [
            facts([
              ["Rows", plural(answer.rows, "row")],
              answer.mean &&
                answer.mean.observed !== null && [
                  "Mean",
                  number(answer.mean.observed),
                  `expected ${number(answer.mean.expected)} (${signed(answer.mean.observed - answer.mean.expected)})`,
                ],
              ["Missing", ratio(answer.null_ratio.observed), `expected ${ratio(answer.null_ratio.expected)}`],
            ]),
            h(
              "div",
              { class: "beside" },
              h(
                "div",
                null,
                distribution({ ...answer, label: `Distribution of ${name}`, height: 260, source: answer }),
              ),
              h(
                "div",
                null,
                h("h3", null, "Distances"),
                h(
                  "dl",
                  { class: "distances" },
                  DISTANCES.filter(([field]) => typeof answer.distances?.[field] === "number").map(
                    ([field, text]) =>
                      h(
                        "div",
                        { key: field },
                        h("dt", null, text),
                        h("dd", null, number(answer.distances[field], 3)),
                      ),
                  ),
                ),
              ),
            ),
          ],
  );
}

// As the history asks for columns: a comma in a name is told from one between names.
export function named(column) {
  return column.replaceAll(",", "\\,");
}

export function formatOf({ measure }) {
  return measure.startsWith("share") ? ratio : number;
}

export function measureName({ measure, type }) {
  if (!measure) return type === "number" ? "Mean" : "Share";
  return measure.charAt(0).toUpperCase() + measure.slice(1);
}

export function figure(key, title, data, more) {
  return h("figure", { key }, h("figcaption", null, h("strong", null, title), more), h("wk-chart", { data }));
}
