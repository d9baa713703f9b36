// One model: what is watched, what happened, how good it is, how it serves, and what it costs.

import { path } from "../api.js";
import { h } from "../dom.js";
import { count, duration, plural } from "../format.js";
import { stateBadge } from "../parts/badges.js";
import { copyable, crumbs, facts } from "../parts/facts.js";
import { moment } from "../parts/moment.js";
import { body } from "../parts/panel.js";
import { read } from "../resources.js";
import { link } from "../router.js";
import { rangeOf, usualLength } from "../time_range.js";
import { DAY, HOUR, MINUTE } from "../zone.js";
import { businessPanel } from "./model/business.js";
import { columnsPanel } from "./model/columns.js";
import { conceptPanel } from "./model/concept.js";
import { costPanel } from "./model/cost.js";
import { driftPanel } from "./model/drift.js";
import { evidencePanel } from "./model/evidence.js";
import { objectivesPanel } from "./model/objectives.js";
import { outliersPanel } from "./model/outliers.js";
import { performancePanel } from "./model/performance.js";
import { reasonsPanel } from "./model/reasons.js";
import { servicePanel } from "./model/service.js";
import { shadowsPanel } from "./model/shadows.js";

export const model = {
  title: ({ params }) => params.model,
  section: "fleet",
  render: (context) => {
    const name = context.params.model;
    const detail = read(path(["models", name]), "model");
    return [
      crumbs(["Fleet", link([])], [name]),
      body(
        [detail],
        (value) => {
          context.range = modelRange(context.query, value);
          return [
            head(value),
            value.columns.length
              ? [
                  evidencePanel(name, value, context.range),
                  driftPanel(name, context.range),
                  columnsPanel(name, value, context.range),
                  reasonsPanel(name, value, context.range),
                  outliersPanel(name, context.range),
                ]
              : unwatched(name),
            performancePanel(name, value, context.range, context.query),
            conceptPanel(name, context.range),
            businessPanel(name, context.range),
            shadowsPanel(name, context.range),
            servicePanel(name, value, context.range, context.query),
            objectivesPanel(name),
            costPanel(name),
          ];
        },
        480,
      ),
    ];
  },
};

// "Last" counts back from the newest that is known of the model, not from a clock that went on alone.
export function modelRange(query, detail) {
  const known = [detail.last_bucket_end, detail.last_event_time]
    .filter(Boolean)
    .map((text) => Date.parse(text));
  const newest = known.length ? Math.max(...known) : Date.now();
  const usual = usualLength(bucketSeconds(detail.bucket));
  const whole = usual > DAY ? HOUR : MINUTE; // so that what is asked for does not change all the time
  const range = rangeOf(query, Math.ceil(newest / whole) * whole, usual);
  // Where less than that was judged, that is what suits.
  const oldest = detail.oldest_bucket ? Date.parse(detail.oldest_bucket) : range.from;
  const isShort = range.last === "usual" && oldest > range.from && oldest < range.to;
  return isShort ? { ...range, from: Math.min(oldest, range.to - usual / 14) } : range;
}

export function bucketSeconds(text) {
  const match = /^(\d+)\s*(s|m|min|h|d|w)$/.exec(text ?? "");
  return match ? Number(match[1]) * { s: 1, m: 60, min: 60, h: 3600, d: 86_400, w: 604_800 }[match[2]] : null;
}

function head(detail) {
  const { model: name, state, open_incidents: open } = detail;
  const newest =
    read(path(["incidents"], { model: name, state: "open", limit: 5 }), "open").value?.incidents ?? [];
  return h(
    "div",
    { class: "head", key: "head" },
    h("div", { class: "head-line" }, h("h1", { class: "name" }, name), stateBadge(state)),
    h(
      "p",
      { class: "verdict" },
      open
        ? [
            h("strong", null, plural(open, "incident is open.", "incidents are open.")),
            newest.length ? ` ${newest[0].message}` : "",
          ]
        : calm(detail),
    ),
    facts([
      detail.bucket && ["Bucket", detail.bucket.replace(/(\d)([a-z])/, "$1 $2")],
      detail.budget && ["Budget for false alarms", detail.budget],
      [
        "Columns",
        detail.columns.length
          ? plural(new Set(detail.columns.map((one) => one.name)).size, "column")
          : "none watched",
        extentNote(detail),
      ],
      detail.baseline && [
        "Baseline",
        `Version ${detail.baseline.version}`,
        [moment(detail.baseline.created_at), detail.baseline.note ? ` · ${detail.baseline.note}` : ""],
      ],
      [
        "Records",
        plural(detail.predictions, "prediction"),
        `${count(detail.outcomes)} outcomes, ${count(detail.feedback)} feedback`,
      ],
      [
        "Last seen",
        moment(detail.last_event_time),
        detail.last_arrival ? ["arrived ", moment(detail.last_arrival, { relative: true })] : null,
      ],
      detail.baseline?.lateness_seconds
        ? ["Waits for late rows", duration(detail.baseline.lateness_seconds)]
        : null,
    ]),
    detail.not_enough.length
      ? h(
          "details",
          { class: "not-enough", key: "not-enough" },
          h("summary", null, `${plural(detail.not_enough.length, "thing")} cannot be said yet`),
          h(
            "ul",
            null,
            detail.not_enough.map((one) =>
              h(
                "li",
                { key: one.subject },
                h("strong", null, one.subject),
                ` has ${one.have}, needs ${one.need}`,
              ),
            ),
          ),
        )
      : null,
  );
}

function calm({ state, last_bucket_end: end }) {
  const said = {
    ok: ["Everything is as expected.", end ? [" Judged up to ", moment(end), "."] : ""],
    silent: ["No records come in.", " The model, or what sends its records, may have stopped."],
    stalled: ["The watch stands still.", " The server's log says why."],
    learning: ["Still learning.", " It begins to judge once there is enough to know what is normal."],
    unwatched: ["Records are kept, but nobody watches.", " Say what is normal with a baseline."],
  }[state] ?? [state, ""];
  return [h("strong", null, said[0]), said[1]];
}

function extentNote({ segments, ignored }) {
  const names = Object.keys(ignored);
  return (
    [segments.length && plural(segments.length, "segment"), names.length && `${count(names.length)} ignored`]
      .filter(Boolean)
      .join(", ") || null
  );
}

function unwatched(name) {
  return h(
    "section",
    { class: "panel", key: "unwatched" },
    h("h2", null, "Not watched yet"),
    h("p", { class: "explain" }, "A baseline says what is normal; from then on every bucket is judged."),
    copyable(`watchkeeper baseline ./store --model ${name} --config watchkeeper.yaml`),
  );
}
