// Whether the loss of labelled predictions has risen since the baseline: its course beside what is
// normal, and the evidence of a rise.

import { path } from "../../api.js";
import "../../charts/time_chart.js";
import { h } from "../../dom.js";
import { count, number, plural, ratio, times } from "../../format.js";
import { facts, legend } from "../../parts/facts.js";
import { moment } from "../../parts/moment.js";
import { nothing, panel } from "../../parts/panel.js";
import { read } from "../../resources.js";
import { link } from "../../router.js";
import { zone } from "../../zone.js";
import { zoom } from "./evidence.js";

export function conceptPanel(model, range) {
  const entry = read(path(["models", model, "concept"]), "concept");
  return panel(
    {
      id: "concept",
      title: "Concept drift",
      note: "Whether the loss of labelled predictions has risen since the baseline, in the order in which labels came.",
      height: 300,
      entries: [entry],
    },
    (answer) => {
      if (!answer.steps.length) return nothing(answer.said[0] ?? "No label has come yet.");
      return [standing(answer), course(answer, range), evidence(answer, range), improvements(answer), said(answer)];
    },
  );
}

function standing(answer) {
  const format = formatOf(answer);
  return facts([
    ["Normal", format(answer.normal), `by ${plural(answer.reference_labels, "label")}`],
    ["Now", format(answer.now), `the last ${plural(answer.steps.at(-1).labels, "label")}`],
    answer.tolerance > 0 && ["Tolerated", format(answer.tolerance), "a rise by less is no drift"],
    ["Labels", count(answer.labels), answer.waiting ? `${count(answer.waiting)} records wait` : null],
    ["Rises", count(answer.alarms), answer.incident ? h("a", { href: link(["incidents", answer.incident]) }, "one lasts") : null],
  ]);
}

function course(answer, range) {
  const format = formatOf(answer);
  return h(
    "figure",
    { key: "course" },
    h("figcaption", null, h("strong", null, titled(answer.loss_name))),
    h("wk-chart", {
      data: {
        ...shared(answer, range),
        label: `${titled(answer.loss_name)} over time`,
        height: 180,
        format,
        lines: [
          { name: "Normal", tone: "reference", values: answer.steps.map(() => answer.normal) },
          { name: titled(answer.loss_name), tone: "observed", values: answer.steps.map((one) => one.loss) },
        ],
      },
    }),
    legend([
      [titled(answer.loss_name), "observed"],
      ["Normal", "reference"],
    ]),
  );
}

function evidence(answer, range) {
  return h(
    "figure",
    { key: "evidence" },
    h("figcaption", null, h("strong", null, "Evidence that it has risen")),
    h("wk-chart", {
      data: {
        ...shared(answer, range),
        label: "Evidence that the loss has risen, as a multiple of the threshold",
        height: 120,
        isLog: true,
        format: times,
        threshold: { value: 1, text: "opens an incident" },
        lines: [{ name: "Evidence", tone: "observed", isArea: true, values: answer.steps.map((one) => one.evidence_ratio) }],
      },
    }),
  );
}

function shared(answer, range) {
  const starts = answer.steps.map((one) => Date.parse(one.start));
  const ends = answer.steps.map((one) => Date.parse(one.end));
  return { source: answer, zone: zone(), ...range, starts, ends, onZoom: zoom };
}

function improvements(answer) {
  const last = answer.improvements.at(-1);
  if (!last) return null;
  const format = formatOf(answer);
  return h(
    "p",
    { class: "quiet", key: "improvements" },
    `It fell from ${format(last.before)} to ${format(last.now)}: seen `,
    moment(last.at),
    ".",
  );
}

function said(answer) {
  return answer.said.map((line) => h("p", { class: "quiet", key: line }, line));
}

function formatOf(answer) {
  if (answer.loss === "error") return ratio;
  return (value) => (answer.unit ? `${number(value)} ${answer.unit}` : number(value));
}

function titled(text) {
  const plain = text.replace(/^the /, "");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
