// All models at a glance, those that need a look first.

import { path } from "../api.js";
import "../charts/spark.js";
import { h } from "../dom.js";
import { count, plural, rate, ratio, seconds, usd } from "../format.js";
import { WORST_FIRST, stateGlyph, stateWord } from "../parts/badges.js";
import { copyable } from "../parts/facts.js";
import { moment } from "../parts/moment.js";
import { body, nothing } from "../parts/panel.js";
import { table } from "../parts/table.js";
import { read } from "../resources.js";
import { go, here, link } from "../router.js";

export const fleet = {
  title: () => "Fleet",
  section: "fleet",
  render: ({ query }) =>
    body(
      [read(path(["models"]))],
      ({ models }) => (models.length ? listed(models, query.get("q") ?? "") : begin()),
      320,
    ),
};

function listed(models, wanted) {
  const found = models.filter(({ model, state }) =>
    `${model} ${stateWord(state)}`.toLowerCase().includes(wanted.trim().toLowerCase()),
  );
  return [
    verdict(models),
    h(
      "div",
      { class: "filters" },
      h("input", {
        type: "search",
        "aria-label": "Find a model",
        placeholder: "Find a model",
        "data-search": true,
        value: wanted,
        spellcheck: "false",
        on: { input: (event) => go(here({ q: event.target.value }), { replace: true }) },
      }),
      h("kbd", { "aria-hidden": "true" }, "/"),
    ),
    found.length
      ? table({
          label: "Models",
          columns: COLUMNS,
          rows: sorted(found),
          key: ({ model }) => model,
          className: "cards fleet-table",
          rowClass: ({ state }) => `is-${state}`,
        })
      : nothing(`No model's name has “${wanted}” in it.`, h("a", { href: here({ q: null }) }, "Show all")),
  ];
}

function verdict(models) {
  const open = models.reduce((sum, { open_incidents: n }) => sum + n, 0);
  const bad = models.filter(({ state }) => ["incident", "silent", "stalled"].includes(state));
  const rest = ["ok", "learning", "unwatched"]
    .map((state) => [models.filter((one) => one.state === state).length, stateWord(state).toLowerCase()])
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${count(number)} ${word}`)
    .join(", ");
  const isAllWell = !bad.length && models.some(({ state }) => state === "ok");
  const first = bad.length
    ? plural(bad.length, "model needs a look.", "models need a look.")
    : isAllWell
      ? "All is as expected."
      : "Nothing is judged yet.";
  const then = [open ? plural(open, "open incident") : "No open incident", rest].filter(Boolean).join("; ");
  return h("h1", { class: "verdict" }, h("strong", null, first), ` ${then}.`);
}

const COLUMNS = [
  {
    name: "model",
    title: "Model",
    cell: ({ model, state, open_incidents: open }) => [
      stateGlyph(state),
      h("a", { href: link(["models", model]), class: "stretch", "data-row": true }, model),
      h(
        "small",
        { class: `state-word state-${state}` },
        stateWord(state),
        open ? h("span", { class: "open-tally" }, `, ${open} open`) : null,
      ),
    ],
  },
  {
    name: "incidents",
    title: "Open",
    isNumber: true,
    className: "tally-cell",
    cell: ({ open_incidents: open, model }) =>
      open
        ? h("a", { href: link(["incidents"], { model }), class: "over count-open" }, count(open))
        : h("span", { class: "quiet" }, "0"),
  },
  {
    name: "evidence",
    title: "Evidence",
    className: "evidence",
    cell: ({ evidence }) =>
      evidence?.length ? h("wk-spark", { data: evidence }) : h("span", { class: "quiet" }, "–"),
  },
  {
    name: "volume",
    title: "Volume",
    isNumber: true,
    cell: ({ service, predictions }) => (service ? rate(service.per_second) : count(predictions)),
  },
  { name: "p95", title: "p95", isNumber: true, cell: ({ service }) => seconds(service?.latency_p95_seconds) },
  { name: "errors", title: "Errors", isNumber: true, cell: ({ service }) => ratio(service?.error_ratio) },
  {
    name: "cost",
    title: "Cost / h",
    isNumber: true,
    isMinor: true,
    cell: ({ service }) => usd(service?.cost_usd),
  },
  {
    name: "seen",
    title: "Last seen",
    isNumber: true,
    cell: ({ last_event_time: at }) => moment(at, { relative: true }),
  },
];

function sorted(models) {
  const place = ({ state }) => WORST_FIRST.indexOf(state);
  const weight = ({ worst_severity: severity }) => (severity === "critical" ? 0 : 1);
  return [...models].sort(
    (a, b) =>
      place(a) - place(b) ||
      weight(a) - weight(b) ||
      b.open_incidents - a.open_incidents ||
      (b.evidence_ratio ?? -1) - (a.evidence_ratio ?? -1) ||
      a.model.localeCompare(b.model),
  );
}

function begin() {
  return [
    h(
      "h1",
      { class: "verdict" },
      h("strong", null, "Nothing is watched yet."),
      " Send predictions, say what is normal, and this page fills itself.",
    ),
    h(
      "ol",
      { class: "begin" },
      h(
        "li",
        null,
        h("h2", null, "Bring what the model did"),
        h(
          "p",
          { class: "explain" },
          "From files, or live from your service with the Python client or over HTTP.",
        ),
        copyable("watchkeeper init predictions.parquet --model churn"),
        copyable("watchkeeper import predictions.parquet --config watchkeeper.yaml --store ./store"),
        copyable(
          `curl ${location.origin}/v1/records -H 'Content-Type: application/json' -d '{"records": [{"record": "prediction", "model": "churn", "prediction_id": "1", "time": "${new Date().toISOString().slice(0, 19)}Z", "features": {"age": 41}, "output": 0.23}]}'`,
        ),
      ),
      h(
        "li",
        null,
        h("h2", null, "Say what is normal"),
        h("p", { class: "explain" }, "A period that was well, and how many false alarms you accept."),
        copyable("watchkeeper baseline ./store --model churn --config watchkeeper.yaml"),
      ),
      h(
        "li",
        null,
        h("h2", null, "Look here"),
        h("p", { class: "explain" }, "Every bucket is judged as it completes; this page follows by itself."),
      ),
    ),
  ];
}
