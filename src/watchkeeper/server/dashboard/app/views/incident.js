// One incident: what, since when, where, how large, and what was done about it.

import { path } from "../api.js";
import { h } from "../dom.js";
import { number, ratio, seconds, usd } from "../format.js";
import { incidentBadges } from "../parts/badges.js";
import { crumbs, facts, legend } from "../parts/facts.js";
import { lasted } from "../parts/incident_table.js";
import { moment } from "../parts/moment.js";
import { body, panel } from "../parts/panel.js";
import { read } from "../resources.js";
import { link } from "../router.js";
import { decisionButtons, decisionsPanel, withPending } from "./incident/decisions.js";
import { noticesPanel } from "./incident/notices.js";
import { rowsPanel } from "./incident/rows.js";
import { streamsPanel } from "./incident/streams.js";
import { whyPanel } from "./incident/why.js";
import { evidenceChart } from "./model/evidence.js";

export const incident = {
  title: ({ params }) => read(path(["incidents", params.id])).value?.message ?? "Incident",
  section: "incidents",
  render: (context) => {
    const { id } = context.params;
    const entry = read(path(["incidents", id]), "incident");
    return [
      crumbs(
        ["Incidents", link(["incidents"])],
        [entry.value?.model ?? "…", entry.value ? link(["models", entry.value.model]) : null],
        ["Incident"],
      ),
      body(
        [entry],
        (stored) => {
          const one = withPending(stored);
          return [
            head(one, context),
            evidence(one),
            whyPanel(one),
            streamsPanel(one),
            rowsPanel(one),
            decisionsPanel(one),
            noticesPanel(one),
          ];
        },
        480,
      ),
    ];
  },
};

function head(one, context) {
  return h(
    "div",
    { class: "head", key: "head" },
    incidentBadges(one),
    h("h1", { class: "verdict incident-message" }, h("strong", null, one.message)),
    facts([
      ["Model", h("a", { href: link(["models", one.model]) }, one.model)],
      ["Since", moment(one.since ?? one.opened_at)],
      ["Opened", moment(one.opened_at), one.is_open ? moment(one.opened_at, { relative: true }) : null],
      one.is_open
        ? ["Closed", "still open"]
        : ["Closed", moment(one.closed_at), `${one.closed_why ?? "closed"} after ${lasted(one)}`],
      one.resembles && ["Looks like", one.resembles],
      ...Object.entries(one.figures ?? {}).map(([name, value]) => [figureName(name), figure(name, value)]),
      one.adopted && one.is_open && ["Adopted", one.adopted.actor, "closes at the next bucket"],
      one.muted && [
        "Muted",
        one.muted.until ? ["until ", moment(one.muted.until)] : "until unmuted",
        one.muted.reason,
      ],
      one.acknowledged && ["Acknowledged", one.acknowledged.actor, one.acknowledged.reason],
    ]),
    decisionButtons(one, context),
  );
}

function evidence(one) {
  if (!isTimed(one)) return null;
  const { starts, values } = one.evidence;
  const range = windowOf(one);
  const past = { starts, evidence: values };
  return panel(
    {
      id: "evidence",
      title: "Evidence",
      note: "Of all columns together; at the threshold, the budget for false alarms is spent and an incident opens.",
    },
    () => [
      h("wk-chart", {
        key: "evidence",
        data: {
          ...evidenceChart(past, range, 200),
          regions: [
            { from: Date.parse(one.since), to: one.closed_at ? Date.parse(one.closed_at) : range.to },
          ],
          source: one.evidence.values,
          by: one.closed_at,
        },
      }),
      legend([
        ["Evidence", "observed"],
        ["Opens an incident", "threshold"],
        ["This incident", "region"],
      ]),
    ],
  );
}

// Whether there is evidence with times: service incidents have none, buckets of rows no times.
function isTimed(one) {
  return Boolean(one.evidence?.starts.length) && one.evidence.starts[0] !== null;
}

// The time around the incident, as the server suggests it.
export function windowOf(one) {
  const from = Date.parse(one.from ?? one.since ?? one.opened_at);
  const to = Date.parse(one.to ?? one.closed_at ?? new Date().toISOString());
  const starts = isTimed(one) ? one.evidence.starts.map(Date.parse) : [from];
  return { from: Math.min(from, starts[0]), to: Math.max(to, starts.at(-1)), last: null };
}

// "burn_short_ratio" is "Burn short", and its value a share.
function figureName(name) {
  const words = name.replace(/_(ratio|seconds|usd)$/, "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function figure(name, value) {
  if (name.endsWith("_ratio")) return ratio(value);
  if (name.endsWith("_seconds")) return seconds(value);
  return name.endsWith("_usd") ? usd(value) : number(value);
}
