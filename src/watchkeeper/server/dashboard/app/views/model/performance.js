// How good the predictions are, by the labels that have come: one metric over time with its interval,
// how many labels there are, whether probabilities come true, and the metrics of the whole time; and
// what is estimated before they come.

import { path } from "../../api.js";
import { calibrationCurve } from "../../charts/calibration.js";
import "../../charts/time_chart.js";
import { h } from "../../dom.js";
import { count, duration, exact, number, part, plural, ratio, seconds } from "../../format.js";
import { choice, groupings, legend } from "../../parts/facts.js";
import { nothing, panel } from "../../parts/panel.js";
import { table } from "../../parts/table.js";
import { read } from "../../resources.js";
import { go, here } from "../../router.js";
import { iso } from "../../time_range.js";
import { zone } from "../../zone.js";
import { estimatedCourse, estimatesPart, readEstimates } from "./estimates.js";
import { zoom } from "./evidence.js";

const MOST_GROUPS = 6;
const MOST_COLUMNS = 6;
const POINTS = 240;
const SETTLED = 0.95;

export function performancePanel(model, detail, range, query) {
  const by = query.get("quality_by") ?? "none";
  const entry = read(
    path(["models", model, "performance"], { from: iso(range.from), to: iso(range.to), by, points: POINTS }),
    "performance",
  );
  const estimated = readEstimates(model, range, POINTS);
  return panel(
    {
      id: "performance",
      title: "Performance",
      note: "How good the predictions are, by the outcomes that have come, with intervals at 95 %.",
      height: 380,
      entries: [entry, estimated],
      tools: choice("Performance by", toldApart(detail), by, (value) =>
        go(here({ quality_by: value === "none" ? null : value }), { replace: true }),
      ),
    },
    (answer, estimates) => {
      if (answer.task === null) return empty(answer);
      return [
        charts(answer, estimates, range, by, query),
        totals(answer, by),
        calibration(answer),
        estimatesPart(estimates),
        said(answer),
      ];
    },
  );
}

function toldApart(detail) {
  return [...groupings(detail), detail.horizon && ["horizon", "Steps ahead"]].filter(Boolean);
}

function empty(answer) {
  return nothing(
    answer.said[0] ?? "No outcome has come yet.",
    h(
      "p",
      { class: "quiet" },
      "An outcome is what really happened, sent with the id of the prediction, whenever it is known:",
      " log_outcome in Python, or the record “outcome” over HTTP.",
    ),
  );
}

function charts(answer, estimates, range, by, query) {
  const wanted = query.get("metric");
  const metrics = told(answer);
  const metric = metrics.find((one) => one.name === wanted) ?? metrics[0];
  const groups = shownGroups(answer, by);
  const starts = answer.starts.map(Date.parse);
  const ends = starts.map((start) => start + answer.step_seconds * 1000);
  const shared = { source: answer, beside: estimates, by, zone: zone(), ...range, starts, ends, onZoom: zoom };
  const format = formatOf(metric);
  const isWhole = by === "none";
  const course = groups.map((group, i) => {
    const series = group.series.find((one) => one.metric === metric.name);
    return { name: isWhole ? metric.label : group.group || "none", series, tone: isWhole ? "observed" : `g${i}` };
  });
  const known = answer.reference?.find((one) => one.name === metric.name)?.value ?? null;
  const reference = known === null ? [] : [{ name: "Reference", tone: "reference", values: starts.map(() => known) }];
  const young = provisional(answer, starts, ends);
  const estimated = estimatedCourse(estimates, metric, starts);
  const beside = isWhole ? estimated : { lines: [], bands: [], regions: [], keys: [] };
  const measured = isWhole && course.length ? [{ name: "Interval", ...course[0].series }] : [];
  return h(
    "div",
    { key: "courses" },
    metrics.length > 1
      ? choice(
          "Metric",
          metrics.map((one) => [one.name, titled(one.label)]),
          metric.name,
          (value) => go(here({ metric: value }), { replace: true }),
        )
      : null,
    legend([
      ...course.map((line) => [titled(line.name), line.tone]),
      isWhole && ["Interval", "band"],
      known !== null && [`Reference, ${format(known)}`, "reference"],
      ...beside.keys,
      young.length > 0 && ["Provisional: labels still come", "young"],
    ]),
    h("wk-chart", {
      key: "course",
      data: {
        ...shared,
        metric: metric.name,
        label: `${titled(metric.label)} over time`,
        height: 200,
        format,
        lines: [...reference, ...beside.lines, ...course.map(({ name, tone, series }) => ({ name: titled(name), tone, values: series.value }))],
        bands: [...beside.bands, ...measured],
        regions: [...young, ...beside.regions],
      },
    }),
    h("p", { class: "quiet", key: "direction" }, direction(metric, answer.step_seconds)),
    h(
      "figure",
      { key: "labels" },
      h("figcaption", null, h("strong", null, "Predictions with a label")),
      h("wk-chart", {
        data: {
          ...shared,
          label: "Share of predictions with a label",
          height: 110,
          format: part,
          low: 0,
          high: 1,
          lines: groups.map((group, i) => ({
            name: isWhole ? "Labelled" : group.group || "none",
            tone: isWhole ? "observed" : `g${i}`,
            isArea: isWhole,
            values: group.predictions.map((n, at) => (n ? group.labelled[at] / n : null)),
          })),
        },
      }),
    ),
  );
}

function shownGroups(answer, by) {
  if (by === "horizon") return answer.groups.slice(0, MOST_GROUPS);
  const size = (group) => group.predictions.reduce((total, n) => total + n, 0);
  return [...answer.groups].sort((a, b) => size(b) - size(a)).slice(0, MOST_GROUPS);
}

// The end of the time, from where on labels that will come are still missing.
function provisional(answer, starts, ends) {
  const first = answer.settled.findIndex((ratio) => ratio < SETTLED);
  if (first < 0 || answer.label_delay.median_seconds === null) return [];
  return [{ from: starts[first], to: ends.at(-1), tone: "young" }];
}

function direction(metric, step) {
  const better =
    metric.higher_is_better === null
      ? "0 is best"
      : metric.higher_is_better
        ? "higher is better"
        : "lower is better";
  return `${titled(metric.label)}: ${better}. Each point covers ${duration(step)} of predictions.`;
}

// The metrics that these answers can say: what needs probabilities is left out where classes or labels are answered.
function told(answer) {
  const series = answer.groups.flatMap((group) => group.series);
  const measured = series.filter((one) => one.value.some((value) => value !== null)).map((one) => one.metric);
  const named = new Set([...measured, ...(answer.reference ?? []).map((one) => one.name)]);
  const found = answer.metrics.filter((one) => named.has(one.name));
  return found.length ? found : answer.metrics;
}

function totals(answer, by) {
  const names = told(answer).slice(0, MOST_COLUMNS);
  const reference = answer.reference && {
    group: "Reference",
    isReference: true,
    predictions: null,
    labelled: null,
    metrics: answer.reference,
  };
  return table({
    label: "Metrics of this time",
    rows: [...answer.totals, reference].filter(Boolean),
    key: (one) => one.group,
    className: "totals cards",
    columns: [
      {
        name: "group",
        title: by === "none" ? "In this time" : by === "horizon" ? "Steps ahead" : titled(by),
        cell: (one) => (one.isReference ? "Reference" : by === "none" ? "All predictions" : one.group || "none"),
      },
      {
        name: "labelled",
        title: "Labelled",
        isNumber: true,
        cell: (one) =>
          one.labelled === null
            ? ""
            : h("span", { title: `${exact(one.labelled)} of ${exact(one.predictions)}` }, count(one.labelled), h("small", null, `of ${count(one.predictions)}`)),
      },
      ...names.map((metric) => ({
        name: metric.name,
        title: titled(metric.label),
        isNumber: true,
        cell: (one) => measured(one.metrics.find((value) => value.name === metric.name), formatOf(metric)),
      })),
    ],
  });
}

function measured(value, format) {
  if (!value || value.value === null) return h("span", { class: "quiet" }, "cannot be said");
  const interval = value.low === null ? null : h("small", null, `${format(value.low)} to ${format(value.high)}`);
  return h("span", null, format(value.value), interval);
}

function calibration(answer) {
  if (!answer.calibration) return null;
  return h(
    "figure",
    { key: "calibration", class: "calibration" },
    h("figcaption", null, h("strong", null, "Whether probabilities come true")),
    calibrationCurve(answer.calibration.bins),
  );
}

function said(answer) {
  const delay = answer.label_delay;
  const lines = [
    delay.median_seconds !== null &&
      `Half of the labels come within ${seconds(delay.median_seconds)}, 95 % within ${seconds(delay.p95_seconds)}.`,
    ...answer.said,
  ].filter(Boolean);
  if (!lines.length) return null;
  return h(
    "details",
    { class: "not-enough", key: "said", open: answer.said.length > 0 },
    h("summary", null, plural(lines.length, "note")),
    h(
      "ul",
      null,
      lines.map((line) => h("li", { key: line }, line)),
    ),
  );
}

function formatOf(metric) {
  return metric.unit === "ratio" ? ratio : number;
}

function titled(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
