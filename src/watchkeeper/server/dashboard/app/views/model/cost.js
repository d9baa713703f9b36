// What the model costs: this month, what it will be at its end, day by day, and who causes it.

import { path } from "../../api.js";
import "../../charts/time_chart.js";
import { h } from "../../dom.js";
import { count, usd } from "../../format.js";
import { facts } from "../../parts/facts.js";
import { nothing, panel } from "../../parts/panel.js";
import { table } from "../../parts/table.js";
import { read } from "../../resources.js";
import { DAY, day, month, zone } from "../../zone.js";

export function costPanel(model) {
  const entry = read(path(["models", model, "costs"]), "costs");
  return panel({ id: "cost", title: "Cost", height: 240, entries: [entry] }, (costs) =>
    costs.days.some((one) => one.cost_usd > 0)
      ? shown(costs)
      : nothing(
          "No cost is known.",
          h(
            "p",
            { class: "explain" },
            "Log ",
            h("code", null, "cost_usd"),
            " with each prediction, or set prices under ",
            h("code", null, "costs:"),
            " in watchkeeper.yaml.",
          ),
        ),
  );
}

function shown({ month: now, days, groups }) {
  const starts = days.map((one) => Date.parse(one.day));
  const from = Math.min(...starts);
  const to = Math.max(...starts) + DAY;
  return [
    facts(
      [
        [now ? `Spent in ${month(Date.parse(now.since))}` : "Spent", usd(now.spent_usd)],
        [
          "Month's end, forecast",
          usd(now.forecast_usd),
          now.forecast_low_usd === null
            ? null
            : `${usd(now.forecast_low_usd)} to ${usd(now.forecast_high_usd)}`,
        ],
        now.budget_usd !== null && ["Budget", usd(now.budget_usd), now.state],
      ],
      "large",
    ),
    h(
      "figure",
      { key: "days" },
      h("figcaption", null, "Cost by day"),
      h("wk-chart", {
        data: {
          label: "Cost by day",
          source: days,
          zone: zone(),
          from,
          to,
          starts,
          ends: starts.map((start) => start + DAY),
          height: 150,
          low: 0,
          format: usd,
          bars: { name: "Cost", values: days.map((one) => one.cost_usd), tone: "observed" },
        },
      }),
    ),
    groups.length > 1
      ? table({
          label: "Cost by group",
          rows: groups,
          key: (one) => one.group,
          className: "cards totals",
          columns: [
            { name: "group", title: "Group", cell: (one) => one.group || "none" },
            {
              name: "predictions",
              title: "Predictions",
              isNumber: true,
              cell: (one) => count(one.predictions),
            },
            { name: "each", title: "Each", isNumber: true, cell: (one) => usd(one.cost_per_prediction_usd) },
            { name: "cost", title: "Cost", isNumber: true, cell: (one) => usd(one.cost_usd) },
          ],
        })
      : null,
    h("p", { class: "quiet", key: "span" }, `${day(from)} to ${day(to - 1)}`),
  ];
}
