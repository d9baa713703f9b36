// What was promised of the service, and how much of the allowance for failing it is left.

import { path } from "../../api.js";
import { h } from "../../dom.js";
import { number, ratio, seconds } from "../../format.js";
import { capital } from "../../parts/badges.js";
import { nothing, panel } from "../../parts/panel.js";
import { read } from "../../resources.js";

export function objectivesPanel(model) {
  const entry = read(path(["models", model, "objectives"]), "objectives");
  return panel(
    {
      id: "objectives",
      title: "Objectives",
      note: "What was promised, and how much of the allowance for missing it is left.",
      height: 120,
      entries: [entry],
    },
    ({ objectives }) =>
      objectives.length
        ? h("ul", { class: "objectives" }, objectives.map(objective))
        : nothing(
            "No objective is set.",
            h(
              "p",
              { class: "explain" },
              "Write them under ",
              h("code", null, "objectives:"),
              " in watchkeeper.yaml, then ",
              h("code", null, "watchkeeper apply STORE --config watchkeeper.yaml"),
              ".",
            ),
          ),
  );
}

function objective(one) {
  const left = one.budget_left_ratio;
  const state = one.state.replace(" ", "-");
  return h(
    "li",
    { key: one.name, class: `objective is-${state}` },
    h(
      "div",
      { class: "objective-head" },
      h("strong", null, one.name),
      h("span", { class: `badge objective-${state}` }, capital(one.state)),
    ),
    h(
      "p",
      { class: "quiet" },
      `${ratio(one.target_ratio)} ${one.threshold_seconds ? `within ${seconds(one.threshold_seconds)}` : "without error"}, over ${one.window}`,
    ),
    h(
      "div",
      {
        class: "meter",
        role: "meter",
        "aria-label": "Allowance left",
        "aria-valuemin": 0,
        "aria-valuemax": 100,
        "aria-valuenow": Math.round(Math.max(0, left ?? 0) * 100),
      },
      h("i", { style: { width: `${Math.min(1, Math.max(0, left ?? 0)) * 100}%` } }),
    ),
    h(
      "p",
      { class: "objective-facts" },
      h(
        "span",
        null,
        left === null ? "no data" : left < 0 ? "allowance used up" : `${ratio(left)} of the allowance left`,
      ),
      one.good_ratio === null ? null : h("span", { class: "quiet" }, `${ratio(one.good_ratio)} good`),
      one.burn_short === null
        ? null
        : h(
            "span",
            { class: "quiet" },
            `burning ${number(one.burn_short, 3)} × now, ${number(one.burn_long ?? 0, 3)} × lately`,
          ),
    ),
    one.explanation ? h("p", { class: "explain" }, one.explanation) : null,
  );
}
