// The columns that carry an incident: how large the change is, its course, before and after.

import { path } from "../../api.js";
import "../../charts/time_chart.js";
import { h } from "../../dom.js";
import { number, part, ratio, signed } from "../../format.js";
import { distribution } from "../../parts/distribution.js";
import { facts, legend } from "../../parts/facts.js";
import { body, panel } from "../../parts/panel.js";
import { read } from "../../resources.js";
import { link } from "../../router.js";
import { iso } from "../../time_range.js";
import { zone } from "../../zone.js";
import { formatOf, measureName, named } from "../column.js";
import { windowOf } from "../incident.js";

const MOST_DRAWN = 6;

export function streamsPanel(one) {
  if (!one.streams.length) return null;
  const range = windowOf(one);
  return panel(
    {
      id: "streams",
      title: "What moved",
      note: "Largest share of the evidence first. Before is what the season lets expect for the same buckets.",
    },
    () =>
      h(
        "div",
        { class: "streams" },
        one.streams.slice(0, MOST_DRAWN).map((stream) => card(one, stream, range)),
        rest(one.streams.slice(MOST_DRAWN)),
      ),
  );
}

function card(one, stream, range) {
  const { column, segment = "", share, significant, aspect, effect } = stream;
  const began = Date.parse(one.since ?? one.opened_at);
  const end = one.closed_at ? Date.parse(one.closed_at) : range.to;
  const isDrawn = one.source === "drift" && one.since !== null;
  return h(
    "article",
    { class: "stream", key: `${column} ${segment}` },
    h(
      "header",
      null,
      h(
        "h3",
        null,
        !isDrawn
          ? column
          : h(
              "a",
              {
                href: link(["models", one.model, "columns", column], {
                  segment,
                  from: iso(range.from),
                  to: iso(range.to),
                }),
              },
              column,
            ),
        segment ? h("small", null, segment) : null,
      ),
      h(
        "p",
        { class: "share" },
        h(
          "span",
          { class: "share-bar", "aria-hidden": "true" },
          h("i", { style: { width: `${share * 100}%` } }),
        ),
        `${part(share)} of the evidence`,
        significant ? h("span", { class: "quiet" }, " · significant by itself") : null,
      ),
    ),
    effectFacts(effect, aspect),
    !isDrawn
      ? null
      : h(
          "div",
          { class: "beside wide-left" },
          body(
            [
              read(
                path(["models", one.model, "history"], {
                  from: iso(range.from),
                  to: iso(range.to),
                  columns: named(column),
                  segment,
                }),
                `course ${column} ${segment}`,
              ),
            ],
            (past) => course(past, column, segment, range, { from: began, to: end }),
            200,
          ),
          before(one, column, segment, effect, began, end),
        ),
  );
}

function effectFacts(effect, aspect) {
  const has = (value) => value !== undefined && value !== null;
  return facts(
    [
      has(effect.before_mean) &&
        has(effect.after_mean) && [
          "Mean",
          h(
            "span",
            { class: "change" },
            number(effect.before_mean),
            " → ",
            h("strong", null, number(effect.after_mean)),
          ),
        ],
      has(effect.shift) && [
        "Change",
        signed(effect.shift),
        has(effect.shift_sd) ? `${signed(effect.shift_sd, (value) => number(value, 3))} sd` : null,
      ],
      Math.abs((effect.after_null_ratio ?? 0) - (effect.before_null_ratio ?? 0)) >= 0.001 && [
        "Missing",
        `${ratio(effect.before_null_ratio ?? 0)} → ${ratio(effect.after_null_ratio ?? 0)}`,
      ],
      (effect.unseen_ratio ?? 0) > 0 && ["Never seen before", ratio(effect.unseen_ratio)],
      (effect.psi ?? 0) > 0 && ["PSI", number(effect.psi, 3)],
      ["Spoke loudest", aspect],
    ],
    "small",
  );
}

function course(past, column, segment, range, region) {
  const own = past.columns.find((entry) => entry.name === column && (entry.segment ?? "") === segment);
  if (!own) return h("p", { class: "quiet" }, "No course is kept of this column.");
  const format = formatOf(own);
  return h(
    "figure",
    null,
    h("figcaption", null, h("strong", null, measureName(own))),
    h("wk-chart", {
      data: {
        label: `${column}: ${measureName(own)}`,
        source: past,
        zone: zone(),
        ...range,
        height: 200,
        format,
        by: column + segment,
        starts: past.starts.map(Date.parse),
        ends: past.ends.map(Date.parse),
        regions: [region],
        band: { name: "Usual", low: own.low, high: own.high },
        lines: [
          { name: "Expected", values: own.expected, tone: "expected" },
          { name: "Observed", values: own.observed, tone: "observed" },
        ],
      },
    }),
    legend([
      ["Observed", "observed"],
      ["Expected", "band"],
      ["Incident", "region"],
    ]),
  );
}

function before(one, column, segment, effect, began, end) {
  const entry = read(
    path(["models", one.model, "distribution"], { column, segment, from: iso(began), to: iso(end) }),
    `shape ${column} ${segment}`,
  );
  return h(
    "div",
    null,
    body(
      [entry],
      (answer) => [
        h("h4", null, "Before and during"),
        distribution({
          ...answer,
          label: `Distribution of ${column}, during and before`,
          names: ["During", "Before"],
          height: 200,
          source: answer,
        }),
      ],
      200,
    ),
  );
}

function rest(streams) {
  if (!streams.length) return null;
  return h(
    "details",
    { key: "rest" },
    h("summary", null, `${streams.length} more`),
    h(
      "ul",
      { class: "plain-list" },
      streams.map(({ column, segment = "", share, effect }) =>
        h(
          "li",
          { key: `${column} ${segment}` },
          h("strong", null, column),
          segment ? ` ${segment}` : "",
          ` · ${part(share)} of the evidence`,
          typeof effect.shift_sd === "number"
            ? ` · ${signed(effect.shift_sd, (value) => number(value, 3))} sd`
            : "",
        ),
      ),
    ),
  );
}
