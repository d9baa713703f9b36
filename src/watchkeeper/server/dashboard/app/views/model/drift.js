// Every column by time: how far it was from what its season lets expect.

import { path } from "../../api.js";
import "../../charts/heatmap.js";
import { h } from "../../dom.js";
import { panel, nothing } from "../../parts/panel.js";
import { read } from "../../resources.js";
import { go, link } from "../../router.js";
import { iso } from "../../time_range.js";
import { zone } from "../../zone.js";
import { UNTIMED } from "./evidence.js";

const MOST_COLUMNS = 200;

export function heatmapPath(model, range) {
  return path(["models", model, "heatmap"], { from: iso(range.from), to: iso(range.to), most: MOST_COLUMNS });
}

export function driftPanel(model, range) {
  const heatmap = read(heatmapPath(model, range), "heatmap");
  return panel(
    {
      id: "drift",
      title: "Drift by column",
      height: 360,
      entries: [heatmap],
      note: "Distance of each column from what its season and the buckets before let expect, in usual spreads. Worst columns first.",
    },
    (answer) => {
      if (!answer.starts.length) return nothing("No judged bucket in this time.");
      if (answer.starts[0] === null) return nothing(UNTIMED);
      const columns = answer.columns
        .map((_, i) => i)
        .sort((a, b) => (answer.columns[b].worst ?? -1) - (answer.columns[a].worst ?? -1));
      return [
        h(
          "div",
          { class: "heat-key", "aria-hidden": "true", key: "key" },
          h("span", null, "0"),
          h("i", null),
          h("span", null, "4"),
          h("i", { class: "far" }),
          h("span", null, "10 spreads"),
        ),
        h("wk-heatmap", {
          key: "heatmap",
          data: {
            label: "Drift by column and time",
            answer,
            columns,
            zone: zone(),
            from: range.from,
            to: range.to,
            onOpen: ({ name, segment }) => go(link(["models", model, "columns", name], { segment })),
          },
        }),
      ];
    },
  );
}
