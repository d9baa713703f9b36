// One prediction: what went in, what came out, what became of it, and where it is kept.

import { path } from "../api.js";
import { h } from "../dom.js";
import { cell, exact, number, seconds, usd } from "../format.js";
import { outlierBadge } from "../parts/badges.js";
import { contributions } from "../parts/contributions.js";
import { crumbs, facts } from "../parts/facts.js";
import { moment } from "../parts/moment.js";
import { body, panel } from "../parts/panel.js";
import { read } from "../resources.js";
import { link } from "../router.js";

export const prediction = {
  title: ({ params }) => params.id,
  section: "predictions",
  render: ({ params: { model, id } }) => [
    crumbs(["Predictions", link(["predictions"], { model })], [model, link(["models", model])], [id]),
    body([read(path(["models", model, "predictions", id]))], shown, 420),
  ],
};

function shown(one) {
  return [
    h(
      "div",
      { class: "head", key: "head" },
      h("h1", { class: "name" }, one.prediction_id),
      one.error
        ? h("div", { class: "problem" }, h("strong", null, "It failed"), h("p", null, one.error))
        : null,
      facts([
        ["Time", moment(one.time)],
        one.version && ["Version", one.version, one.variant ? `variant ${one.variant}` : null],
        one.entity && [
          "Entity",
          h("a", { href: link(["predictions"], { model: one.model, entity: one.entity }) }, one.entity),
        ],
        one.latency_seconds !== null && ["Latency", seconds(one.latency_seconds)],
        one.cost_usd !== null && ["Cost", usd(one.cost_usd)],
        one.outlier_score !== null && ["Outlier", ...outlier(one)],
        one.trace_id && ["Trace", h("code", null, one.trace_id)],
      ]),
    ),
    h(
      "div",
      { class: "beside", key: "io" },
      values("inputs", "Inputs", one.features, one.model, one.outlier_columns),
      h(
        "div",
        null,
        panel({ id: "output", title: "Output" }, () => output(one.output)),
        contributions(one.explanation, one.model),
        outcomes(one),
        Object.keys(one.tags ?? {}).length ? values("tags", "Tags", one.tags) : null,
      ),
    ),
    audit(one),
  ];
}

function outlier({ outlier_score: score, outlier_columns: names }) {
  if (score < 1) return ["no", `score ${number(score, 3)}, an outlier from 1 on`];
  return [outlierBadge(names.join(", ")), `score ${number(score, 3)}: so many times as odd as what is still usual`];
}

function values(id, title, named, model, odd = []) {
  const names = Object.keys(named ?? {});
  return panel({ id, title }, () =>
    names.length
      ? h(
          "dl",
          { class: "values" },
          names.map((name) =>
            h(
              "div",
              { key: name },
              h("dt", null, model ? h("a", { href: link(["models", model, "columns", name]) }, name) : name),
              h(
                "dd",
                { class: named[name] === null ? "quiet" : odd.includes(name) ? "odd" : null },
                cell(named[name]),
              ),
            ),
          ),
        )
      : h("p", { class: "quiet" }, "None was logged."),
  );
}

function output(value) {
  if (value === null || value === undefined) return h("p", { class: "quiet" }, "None was logged.");
  if (typeof value === "number") return h("p", { class: "figure" }, number(value, 6));
  if (typeof value !== "object") return h("p", { class: "figure" }, String(value));
  if (Array.isArray(value)) return h("p", null, cell(value));
  return h(
    "dl",
    { class: "values" },
    Object.entries(value).map(([name, one]) =>
      h("div", { key: name }, h("dt", null, name), h("dd", null, cell(one))),
    ),
  );
}

function outcomes(one) {
  const known = [
    ...one.outcomes.map((entry) => ({ ...entry, what: "Outcome", said: entry.label?.length === 0 ? "no label applies" : cell(entry.label) })),
    ...one.feedback.map((entry) => ({ ...entry, what: "Feedback", said: feedback(entry) })),
  ];
  return panel({ id: "outcomes", title: "What became of it" }, () =>
    known.length
      ? h(
          "ol",
          { class: "log" },
          known.map((entry, i) =>
            h(
              "li",
              { key: i },
              h(
                "p",
                null,
                h("strong", null, entry.said),
                h("span", { class: "quiet" }, ` ${entry.what.toLowerCase()} · `),
                moment(entry.time),
              ),
            ),
          ),
        )
      : h("p", { class: "quiet" }, "No outcome or feedback has come yet."),
  );
}

function feedback(entry) {
  const { time, received_at: _, ...rest } = entry;
  return Object.entries(rest)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name} ${cell(value)}`)
    .join(", ");
}

function audit({ audit: trail }) {
  if (!trail) return null;
  return panel(
    {
      id: "trail",
      title: "Audit trail",
      note: "Where this record is kept, and which bucket and incidents it took part in.",
    },
    () => [
      facts([
        ["Sequence", exact(trail.sequence)],
        trail.received_at && ["Received", moment(trail.received_at)],
        ["Sealed in", trail.sealed_file ? h("code", null, trail.sealed_file) : "not sealed yet"],
        trail.file_sha256 && ["SHA-256 of the file", h("code", null, trail.file_sha256)],
        trail.bucket && [
          "Bucket",
          `number ${exact(trail.bucket.number)}`,
          [moment(trail.bucket.start), " to ", moment(trail.bucket.end)],
        ],
        trail.bucket &&
          trail.bucket.evidence !== null && [
            "Evidence then",
            `${number(trail.bucket.evidence, 3)} × the threshold`,
          ],
      ]),
      trail.incidents.length
        ? h(
            "p",
            { class: "lead" },
            "Part of ",
            trail.incidents.map((id, i) => [
              i ? ", " : "",
              h("a", { key: id, href: link(["incidents", id]) }, `incident ${id}`),
            ]),
          )
        : h("p", { class: "lead" }, "Part of no incident."),
    ],
  );
}
