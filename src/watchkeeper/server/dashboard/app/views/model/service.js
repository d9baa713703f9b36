// How the model answers: latency, errors, volume; as a whole or by version, variant or segment.

import { path } from "../../api.js";
import "../../charts/time_chart.js";
import { h } from "../../dom.js";
import { count, duration, exact, rate, ratio, seconds, usd } from "../../format.js";
import { choice, groupings, legend } from "../../parts/facts.js";
import { nothing, panel } from "../../parts/panel.js";
import { table } from "../../parts/table.js";
import { read } from "../../resources.js";
import { go, here } from "../../router.js";
import { iso } from "../../time_range.js";
import { zone } from "../../zone.js";
import { zoom } from "./evidence.js";

const MOST_GROUPS = 6;
const POINTS = 240;

export function servicePanel(model, detail, range, query) {
  const by = query.get("by") ?? "none";
  const entry = read(
    path(["models", model, "service"], { from: iso(range.from), to: iso(range.to), by, points: POINTS }),
    "service",
  );
  return panel(
    {
      id: "service",
      title: "Service",
      height: 420,
      entries: [entry],
      tools: choice("Group by", groupings(detail), by, (value) =>
        go(here({ by: value === "none" ? null : value }), { replace: true }),
      ),
    },
    (answer) =>
      answer.series.some((one) => one.predictions.some((n) => n > 0))
        ? charts(answer, range, by)
        : nothing("No prediction in this time."),
  );
}

function charts(answer, range, by) {
  const groups = [...answer.series]
    .sort((a, b) => sum(b.predictions) - sum(a.predictions))
    .slice(0, MOST_GROUPS);
  const starts = answer.starts.map(Date.parse);
  const ends = starts.map((start) => start + answer.step_seconds * 1000);
  const shared = { source: answer, by, zone: zone(), ...range, starts, ends, height: 150, onZoom: zoom };
  const isWhole = by === "none";
  const lines = (field) =>
    groups.map((one, i) => ({
      name: isWhole ? "All" : one.group || "none",
      values: one[field],
      tone: isWhole ? "observed" : `g${i}`,
    }));
  const whole = groups[0];
  const hasLatency = groups.some((one) => one.latency_p95_seconds.some((value) => value !== null));
  const hasCost = groups.some((one) => one.cost_usd.some((value) => value !== null));
  return [
    isWhole ? null : legend(groups.map((one, i) => [one.group || "none", `g${i}`])),
    h(
      "div",
      { class: "multiples", key: "multiples" },
      hasLatency
        ? figure(
            "latency",
            isWhole ? "Latency" : "Latency, p95",
            {
              ...shared,
              label: "Latency",
              format: seconds,
              low: 0,
              lines: isWhole
                ? [
                    ["p99", "p99"],
                    ["p95", "p95"],
                    ["p50", "p50"],
                  ].map(([name, tone]) => ({ name, tone, values: whole[`latency_${name}_seconds`] }))
                : lines("latency_p95_seconds"),
            },
            isWhole
              ? legend([
                  ["p50", "p50"],
                  ["p95", "p95"],
                  ["p99", "p99"],
                ])
              : null,
          )
        : null,
      figure("errors", "Errors", {
        ...shared,
        label: "Share of predictions that failed",
        format: ratio,
        low: 0,
        lines: lines("error_ratio").map((line) => (isWhole ? { ...line, tone: "alarm" } : line)),
      }),
      figure("throughput", "Throughput", {
        ...shared,
        label: "Predictions per time",
        format: rate,
        low: 0,
        lines: lines("per_second").map((line) => ({ ...line, isArea: isWhole })),
      }),
      hasCost
        ? figure("cost-course", "Cost of 1,000 predictions", {
            ...shared,
            label: "Cost of 1,000 predictions",
            format: usd,
            low: 0,
            lines: lines("cost_per_prediction_usd").map((line) => ({
              ...line,
              values: line.values.map((value) => value && value * 1000),
            })),
          })
        : null,
    ),
    h("p", { class: "quiet", key: "step" }, `Each point covers ${duration(answer.step_seconds)}.`),
    answer.totals.length ? totals(answer.totals, by) : null,
  ];
}

function figure(key, title, data, more) {
  return h("figure", { key }, h("figcaption", null, h("strong", null, title), more), h("wk-chart", { data }));
}

function totals(rows, by) {
  return table({
    label: "In this time",
    rows,
    key: (one) => one.group,
    className: "totals cards",
    columns: [
      {
        name: "group",
        title: by === "none" ? "In this time" : by.charAt(0).toUpperCase() + by.slice(1),
        cell: (one) => (by === "none" ? "All predictions" : one.group || "none"),
      },
      {
        name: "predictions",
        title: "Predictions",
        isNumber: true,
        cell: (one) => h("span", { title: exact(one.predictions) }, count(one.predictions)),
      },
      { name: "errors", title: "Errors", isNumber: true, cell: (one) => ratio(one.error_ratio) },
      { name: "p50", title: "p50", isNumber: true, cell: (one) => seconds(one.latency_p50_seconds) },
      { name: "p95", title: "p95", isNumber: true, cell: (one) => seconds(one.latency_p95_seconds) },
      { name: "p99", title: "p99", isNumber: true, cell: (one) => seconds(one.latency_p99_seconds) },
      { name: "cost", title: "Cost", isNumber: true, cell: (one) => usd(one.cost_usd) },
    ],
  });
}

function sum(values) {
  return values.reduce((total, value) => total + (value ?? 0), 0);
}
