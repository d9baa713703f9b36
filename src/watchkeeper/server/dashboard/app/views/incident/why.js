// Why an incident happened: sentences first, then the figures behind them.

import { path } from "../../api.js";
import { h } from "../../dom.js";
import { count, number, part, ratio, signed } from "../../format.js";
import { facts } from "../../parts/facts.js";
import { panel } from "../../parts/panel.js";
import { table } from "../../parts/table.js";
import { read } from "../../resources.js";

const MOST_COLUMNS = 6;
const NAMES = { errors: "Errors", "absolute error": "Mean absolute error" };

export function whyPanel(one) {
  const entry = read(path(["incidents", one.id, "explanation"]), "why");
  return panel(
    {
      id: "why",
      title: "Why",
      note: "Its rows against the reference's. Segments are found by search, and confirmed on rows that were set aside.",
      entries: [entry],
      height: 220,
    },
    (answer) => [
      h(
        "ul",
        { class: "plain-list", key: "conclusions" },
        answer.conclusions.map((sentence) => h("li", { key: sentence }, sentence)),
      ),
      impact(answer.impact),
      h(
        "div",
        { class: "streams", key: "findings" },
        answer.findings.map((finding, i) => (i === 0 ? whereOf(finding) : folded(finding))),
      ),
      coincidences(answer.coincidences),
      fairness(answer.fairness),
      unknown(answer.said),
      h(
        "p",
        { class: "quiet", key: "sides" },
        `${count(answer.current.predictions)} predictions, ${count(answer.current.labelled)} of` +
          ` ${count(answer.current.rows)} looked at with a label; in the reference` +
          ` ${count(answer.reference.predictions)}.`,
      ),
    ],
  );
}

function impact(found) {
  if (!found) return null;
  const isError = found.quantity === "errors";
  return facts(
    [
      [
        isError ? "Errors a day" : "Absolute error, summed over a day",
        signed(found.per_day.value, rounded),
        interval(found.per_day, rounded),
      ],
      found.cost_per_day && [
        "Cost a day",
        `${signed(found.cost_per_day.value, rounded)} ${found.cost_unit ?? ""}`,
        interval(found.cost_per_day, rounded),
      ],
      ["Predictions a day", count(found.predictions_per_day)],
    ],
    "small",
  );
}

function whereOf(finding) {
  const show = (value) => (finding.is_ratio ? ratio(value) : number(value));
  const by = (value) => (finding.is_ratio ? points(value) : number(value));
  const name = NAMES[finding.quantity] ?? finding.quantity;
  return h(
    "article",
    { class: "stream", key: `where ${finding.quantity}` },
    h("header", null, h("h3", null, name)),
    facts(
      [
        ["Reference", show(finding.reference_mean)],
        ["Now", show(finding.mean)],
        ["Change", signed(finding.change.value, by), interval(finding.change, by)],
        ...parts(finding.split, by),
      ],
      "small",
    ),
    segments(finding, show, by),
    columns(finding.split, by),
    mixes(finding.mixes, by),
  );
}

// The figures of what moved besides: the sentences say most of it.
function folded(finding) {
  return h(
    "details",
    { key: `details ${finding.quantity}` },
    h("summary", null, `Where ${finding.quantity} moved`),
    whereOf(finding),
  );
}

function parts(split, show) {
  if (!split) return [];
  return [
    split.inputs && [
      "By the inputs",
      signed(split.inputs.value, show),
      interval(split.inputs, show),
    ],
    split.relationship && [
      "By the relationship",
      signed(split.relationship.value, show),
      interval(split.relationship, show),
    ],
    split.outside_ratio >= 0.01 && [
      "Inputs hardly in the reference",
      part(split.outside_ratio),
      split.outside?.text,
    ],
  ];
}

function segments(finding, show, by) {
  if (!finding.segments.length) {
    return h("p", { class: "quiet" }, "No segment stands out: it is spread over all rows.");
  }
  return table({
    label: `Segments that carry ${finding.quantity}`,
    key: (row) => row.text,
    rows: finding.segments,
    columns: [
      { name: "Where", cell: (row) => row.text },
      { name: "Predictions", isNumber: true, cell: (row) => ratio(row.ratio) },
      { name: "Reference", isNumber: true, cell: (row) => show(row.expected) },
      { name: "Now", isNumber: true, cell: (row) => show(row.mean) },
      {
        name: "Change, 95 %",
        isNumber: true,
        isMinor: true,
        cell: (row) =>
          row.low === null ? "not known" : `${signed(row.low, by)} to ${signed(row.high, by)}`,
      },
      { name: "Of the change", isNumber: true, cell: (row) => (row.share > 0 ? part(row.share) : "–") },
    ],
  });
}

function columns(split, show) {
  const carrying = split?.columns.slice(0, MOST_COLUMNS) ?? [];
  if (!carrying.length) return null;
  return table({
    label: "Columns that carry the change",
    key: (row) => row.column,
    rows: carrying,
    columns: [
      { name: "Column", cell: (row) => row.column },
      { name: "By its inputs", isNumber: true, cell: (row) => signed(row.inputs, show) },
      {
        name: "Relationship",
        isNumber: true,
        cell: (row) => (row.relationship ? `uneven by ${show(row.relationship)}` : "even"),
      },
    ],
  });
}

function mixes(found, show) {
  const told = found.filter(({ split }) => split.is_paradox || excludesZero(split.mix));
  if (!told.length) return null;
  return table({
    label: "Traffic mix",
    key: (row) => row.column,
    rows: told,
    columns: [
      { name: "Traffic by", cell: (row) => row.column },
      { name: "Within its groups", isNumber: true, cell: (row) => signed(row.split.within.value, show) },
      { name: "By their mix", isNumber: true, cell: (row) => signed(row.split.mix.value, show) },
    ],
  });
}

function coincidences(found) {
  if (!found.length) return null;
  return h(
    "section",
    { key: "coincidences" },
    h("h3", null, "At the same time"),
    h(
      "ul",
      { class: "plain-list" },
      found.map((one) => h("li", { key: `${one.kind} ${one.subject}` }, one.text)),
    ),
  );
}

function fairness(gaps) {
  const told = gaps.filter((gap) => gap.is_told);
  if (!gaps.length) return null;
  return h(
    "section",
    { key: "fairness" },
    h("h3", null, "Protected groups"),
    told.length
      ? table({
          label: "Gaps between protected groups",
          key: (row) => `${row.column} ${row.group} ${row.metric}`,
          rows: told,
          columns: [
            { name: "Group", cell: (row) => `${row.column} = ${row.group}` },
            { name: "Metric", cell: (row) => row.metric },
            { name: "Group's", isNumber: true, cell: (row) => number(row.value) },
            { name: "Others'", isNumber: true, cell: (row) => number(row.others) },
            {
              name: "Gap, 95 %",
              isNumber: true,
              cell: (row) => `${signed(row.low)} to ${signed(row.high)}`,
            },
          ],
        })
      : h("p", { class: "quiet" }, "No gap between them that chance does not explain."),
  );
}

function unknown(said) {
  if (!said.length) return null;
  return h(
    "section",
    { key: "unknown" },
    h("h3", null, "What cannot be known"),
    h(
      "ul",
      { class: "plain-list" },
      said.map((sentence) => h("li", { key: sentence }, sentence)),
    ),
  );
}

function interval(estimate, show) {
  if (estimate.low === null) return null;
  return `${signed(estimate.low, show)} to ${signed(estimate.high, show)}`;
}

function excludesZero({ low, high }) {
  return low !== null && (low > 0 || high < 0);
}

function points(value) {
  return `${number(100 * value, 3)} points`;
}

function rounded(value) {
  return number(value, 3);
}
