// One incident: what, since when, where, how large, and what was done about it.

import { path } from "../api.js";
import { h } from "../dom.js";
import { incidentBadges } from "../parts/badges.js";
import { crumbs, facts, legend } from "../parts/facts.js";
import { lasted } from "../parts/incident_table.js";
import { moment } from "../parts/moment.js";
import { body, panel } from "../parts/panel.js";
import { read } from "../resources.js";
import { link } from "../router.js";
import { zone } from "../zone.js";
import { decisionButtons, decisionsPanel, withPending } from "./incident/decisions.js";
import { noticesPanel } from "./incident/notices.js";
import { rowsPanel } from "./incident/rows.js";
import { streamsPanel } from "./incident/streams.js";
import { evidenceChart } from "./model/evidence.js";

export const incident = {
  title: ({ params }) => `Incident ${params.id}`,
  section: "incidents",
  render: (context) => {
    const { id } = context.params;
    const entry = read(path(["incidents", id]), "incident");
    return [
      crumbs(["Incidents", link(["incidents"])], [entry.value?.model ?? "…", entry.value ? link(["models", entry.value.model]) : null], ["Incident"]),
      body([entry], (stored) => {
        const one = withPending(stored);
        return [head(one, context), evidence(one), streamsPanel(one), rowsPanel(one), decisionsPanel(one), noticesPanel(one)];
      }, 480),
    ];
  },
};

function head(one, context) {
  return h("div", { class: "head", key: "head" },
    incidentBadges(one),
    h("h1", { class: "verdict incident-message" }, h("strong", null, one.message)),
    facts([
      ["Model", h("a", { href: link(["models", one.model]) }, one.model)],
      ["Since", moment(one.since ?? one.opened_at)],
      ["Opened", moment(one.opened_at), one.is_open ? moment(one.opened_at, { relative: true }) : null],
      one.is_open ? ["Closed", "still open"] : ["Closed", moment(one.closed_at), `${one.closed_why ?? "closed"} after ${lasted(one)}`],
      one.resembles && ["Looks like", one.resembles],
      one.muted && ["Muted", one.muted.until ? ["until ", moment(one.muted.until)] : "until unmuted", one.muted.reason],
      one.acknowledged && ["Acknowledged", one.acknowledged.actor, one.acknowledged.reason],
    ]),
    decisionButtons(one, context));
}

function evidence(one) {
  const { starts, values } = one.evidence;
  if (!starts.length) return null;
  const range = windowOf(one);
  const past = { starts, evidence: values };
  return panel({ id: "evidence", title: "Evidence", note: "Of all columns together; at the threshold, the budget for false alarms is spent and an incident opens." }, () => [
    h("wk-chart", { key: "evidence", data: { ...evidenceChart(past, range, [one], 200), source: one.evidence.starts } }),
    legend([["Evidence", "observed"], ["Opens an incident", "threshold"], ["This incident", "region"]]),
  ]);
}

// The time around the incident, as the server suggests it.
export function windowOf(one) {
  const starts = one.evidence.starts.map(Date.parse);
  const from = Date.parse(one.from ?? one.since ?? one.opened_at);
  const to = Date.parse(one.to ?? one.closed_at ?? one.evidence.starts.at(-1));
  return { from: starts.length ? Math.min(from, starts[0]) : from, to: Math.max(to, starts.at(-1) ?? to), last: null, zone: zone() };
}
