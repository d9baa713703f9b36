// Incidents on a time line, over the evidence that opened them.

import { path } from "../../api.js";
import "../../charts/time_chart.js";
import { h } from "../../dom.js";
import { count, times } from "../../format.js";
import { legend } from "../../parts/facts.js";
import { incidentTable } from "../../parts/incident_table.js";
import { lanes } from "../../parts/lanes.js";
import { panel } from "../../parts/panel.js";
import { read } from "../../resources.js";
import { go, link } from "../../router.js";
import { iso, rangeUrl } from "../../time_range.js";
import { zone } from "../../zone.js";

const MOST_LISTED = 5;
export const UNTIMED = "Buckets of this model are counted in rows, so there is no time to draw them over.";

export function evidencePanel(model, detail, range) {
  const window = { from: iso(range.from), to: iso(range.to) };
  const history = read(path(["models", model, "history"], { ...window, columns: "" }), "evidence");
  const incidents = read(path(["incidents"], { model, state: "all", ...window, limit: 200 }), "incidents");
  return panel(
    {
      id: "incidents",
      title: "Incidents",
      height: 300,
      entries: [history, incidents],
      note: "One thing that happened is one incident. It opens when the evidence of all columns together reaches the budget's threshold.",
    },
    (past, { incidents: all }) => [
      past.starts[0] === null
        ? h("p", { class: "quiet" }, UNTIMED)
        : [
            h(
              "div",
              { class: "timeline", key: "timeline" },
              lanes(all, range.from, range.to),
              h("wk-chart", {
                key: "evidence",
                data: {
                  ...evidenceChart(past, range),
                  marks: all.map((one) => Date.parse(one.opened_at)),
                  by: all.length,
                },
              }),
            ),
            legend([
              ["Evidence", "observed"],
              ["Opens an incident", "threshold"],
              all.length > 0 && ["An incident opened", "mark"],
            ]),
            volume(past, range),
          ],
      all.length ? listed(all, model) : h("p", { class: "quiet", key: "none" }, "No incident in this time."),
    ],
  );
}

export function evidenceChart(past, range, height = 190) {
  return {
    label: "Evidence that something changed, as a multiple of the threshold",
    source: past,
    zone: zone(),
    ...range,
    height,
    isLog: true,
    starts: past.starts.map(Date.parse),
    ends: past.ends?.map(Date.parse),
    lines: [{ name: "Evidence", values: past.evidence, tone: "observed", isArea: true }],
    threshold: { value: 1, text: "opens an incident" },
    format: times,
    onZoom: zoom,
  };
}

export function zoom(from, to) {
  go(rangeUrl(from, to));
}

function volume(past, range) {
  return h(
    "figure",
    { key: "volume" },
    h("figcaption", null, "Rows in each bucket"),
    h("wk-chart", {
      data: {
        label: "Rows in each bucket",
        source: past,
        zone: zone(),
        ...range,
        height: 96,
        low: 0,
        format: count,
        onZoom: zoom,
        starts: past.starts.map(Date.parse),
        ends: past.ends.map(Date.parse),
        bars: { name: "Rows", values: past.rows, tone: "calm" },
      },
    }),
  );
}

function listed(all, model) {
  const first = [...all].sort((a, b) => Number(b.is_open) - Number(a.is_open)).slice(0, MOST_LISTED);
  return h(
    "div",
    { key: "listed" },
    incidentTable(first, { showsModel: false }),
    all.length > first.length
      ? h(
          "p",
          { class: "more" },
          h("a", { href: link(["incidents"], { model }) }, "All incidents of this model"),
        )
      : null,
  );
}
