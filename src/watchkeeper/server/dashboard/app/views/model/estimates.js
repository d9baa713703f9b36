// How good predictions will turn out to be whose labels have not come: a dashed line with its band
// beside what is measured, where nothing can be known, and how good past estimates were.

import { path } from "../../api.js";
import { h } from "../../dom.js";
import { number, part, plural, ratio } from "../../format.js";
import { table } from "../../parts/table.js";
import { read } from "../../resources.js";
import { iso } from "../../time_range.js";

const MOST_SCORES = 4;

export function readEstimates(model, range, points) {
  return read(
    path(["models", model, "estimates"], { from: iso(range.from), to: iso(range.to), points }),
    "estimates",
  );
}

// Returns lines, bands, regions and keys of the legend, on the steps of the chart.
export function estimatedCourse(estimates, metric, starts) {
  const none = { lines: [], bands: [], regions: [], keys: [] };
  const series = estimates.series.find((one) => one.metric === metric.name);
  const own = estimates.starts.map(Date.parse);
  const regions = unknowable(estimates, own);
  if (!series && !regions.length) return none;
  // Where hours have no estimate of their own, they have that of their day.
  const place = starts.map((start) => placeOf(own, estimates.step_seconds * 1000, start));
  const spread = (values) => place.map((at) => (at === null ? null : values[at]));
  const keys = regions.length ? [["Cannot be known: unlike the reference", "outside"]] : [];
  if (!series) return { ...none, regions, keys };
  return {
    lines: [{ name: "Estimated", tone: "estimated", values: spread(series.value) }],
    bands: [{ name: "Estimated between", tone: "estimated", low: spread(series.low), high: spread(series.high) }],
    regions,
    keys: [["Estimated before labels come", "estimated"], ...keys],
  };
}

function placeOf(own, length, moment) {
  if (!own.length) return null;
  const at = Math.floor((moment - own[0]) / length);
  return at >= 0 && at < own.length ? at : null;
}

// Runs of steps of which nothing is estimated, as regions of the chart.
function unknowable(estimates, own) {
  const found = [];
  const length = estimates.step_seconds * 1000;
  estimates.refused.forEach((why, at) => {
    if (why === null) return;
    const last = found.at(-1);
    if (last && last.to === own[at]) last.to += length;
    else found.push({ from: own[at], to: own[at] + length, tone: "outside" });
  });
  return found;
}

export function estimatesPart(estimates) {
  return h(
    "figure",
    { key: "estimates", class: "estimates" },
    h("figcaption", null, h("strong", null, "Estimates before labels come")),
    estimates.scores.length ? scores(estimates) : null,
    h(
      "ul",
      { class: "quiet estimates-said" },
      estimates.said.map((line) => h("li", { key: line }, line)),
    ),
  );
}

function scores(estimates) {
  const step = estimates.step_seconds === 86_400 ? "day" : "hour";
  const facts = new Map(estimates.metrics.map((one) => [one.name, one]));
  const format = (one) => (facts.get(one.metric)?.unit === "ratio" ? ratio : number);
  return table({
    label: "How good past estimates were",
    rows: estimates.scores.slice(0, MOST_SCORES),
    key: (one) => one.metric,
    className: "totals cards",
    columns: [
      { name: "metric", title: "Past estimates", cell: (one) => facts.get(one.metric)?.label ?? one.metric },
      { name: "steps", title: "Scored on", isNumber: true, cell: (one) => plural(one.steps, step) },
      { name: "error", title: "Off by", isNumber: true, cell: (one) => format(one)(one.error) },
      {
        name: "unchanged",
        title: "Off if nothing changed",
        isNumber: true,
        cell: (one) => (one.unchanged_error === null ? "" : format(one)(one.unchanged_error)),
      },
      { name: "inside", title: "Inside their band", isNumber: true, cell: (one) => part(one.inside_ratio) },
    ],
  });
}
