// Predictions as rows: what identifies them first, then what they were made of.

import { h } from "../dom.js";
import { cell, seconds, usd } from "../format.js";
import { link } from "../router.js";
import { outlierBadge } from "./badges.js";
import { moment } from "./moment.js";
import { table } from "./table.js";

const KNOWN = [
  "prediction_id",
  "time",
  "output",
  "error",
  "outlier_columns",
  "version",
  "variant",
  "entity",
  "latency_seconds",
  "cost_usd",
];
const HIDDEN = new Set(["model", "received_at", "kind", "outlier_score"]);
const TITLES = {
  prediction_id: "Prediction",
  time: "Time",
  output: "Output",
  error: "Error",
  outlier_columns: "Outlier in",
  version: "Version",
  variant: "Variant",
  entity: "Entity",
  latency_seconds: "Latency",
  cost_usd: "Cost",
};

// columns: names; rows: arrays; first: names of columns to show before the others.
export function predictionTable({ columns, rows, model, first = [], label }) {
  const place = new Map(columns.map((name, i) => [name, i]));
  const at = (row, name) => row[place.get(name)];
  const isUsed = (name) =>
    rows.some((row) => at(row, name) !== null && at(row, name) !== undefined && at(row, name) !== "");
  const known = KNOWN.filter((name) => place.has(name) && (name === "prediction_id" || isUsed(name)));
  const others = columns.filter((name) => !KNOWN.includes(name) && !HIDDEN.has(name) && isUsed(name));
  const moved = (name) => (first.includes(featureName(name)) ? 0 : 1);
  others.sort((a, b) => moved(a) - moved(b));
  return table({
    label,
    rows,
    key: (row) => `${at(row, "model") ?? ""} ${at(row, "prediction_id")}`,
    className: "predictions-table",
    columns: [...known, ...others].map((name) => ({
      name,
      title: TITLES[name] ?? featureName(name),
      className: moved(name) === 0 ? "moved" : null,
      isNumber:
        rows.every((row) => typeof at(row, name) === "number" || at(row, name) === null) && isUsed(name),
      cell: (row) => shown(name, at(row, name), at(row, "model") ?? model),
    })),
  });
}

export function featureName(name) {
  return name.startsWith("feature:") ? name.slice(8) : name.startsWith("tag:") ? name.slice(4) : name;
}

function shown(name, value, model) {
  if (name === "prediction_id")
    return h(
      "a",
      { href: link(["models", model, "predictions", String(value)]), class: "stretch", "data-row": true },
      String(value),
    );
  if (value === null || value === undefined)
    return name === "error" || name === "outlier_columns" ? "" : h("span", { class: "quiet" }, KNOWN.includes(name) ? "–" : "null");
  if (name === "time") return moment(value);
  if (name === "latency_seconds") return seconds(value);
  if (name === "cost_usd") return usd(value);
  if (name === "error") return h("span", { class: "error-word" }, String(value));
  if (name === "outlier_columns") return outlierBadge(value.join(", "));
  return cell(value);
}
