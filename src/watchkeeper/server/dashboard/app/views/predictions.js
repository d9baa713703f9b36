// Finds predictions: one by its id, or many by model, time, entity, version, whether they failed, and
// whether they are outliers.

import { path } from "../api.js";
import { h } from "../dom.js";
import { choice } from "../parts/facts.js";
import { body, nothing } from "../parts/panel.js";
import { predictionTable } from "../parts/prediction_table.js";
import { read } from "../resources.js";
import { go, here, link } from "../router.js";
import { iso } from "../time_range.js";
import { modelRange } from "./model.js";

const PAGE = 50;

export const predictions = {
  title: () => "Predictions",
  section: "predictions",
  render: (context) => {
    const id = context.query.get("id");
    return [
      h("h1", { class: "title" }, "Predictions"),
      h(
        "form",
        { class: "filters", role: "search", on: { submit: find } },
        h("input", {
          type: "search",
          name: "id",
          "aria-label": "Find by prediction id",
          placeholder: "Find by prediction id",
          "data-search": true,
          value: id ?? "",
          spellcheck: "false",
        }),
        h("button", { type: "submit" }, "Find"),
        id ? h("a", { class: "chip", href: here({ id: null }) }, "Show all ✕") : null,
      ),
      id ? byId(id) : body([read(path(["models"]))], ({ models }) => explorer(models, context), 320),
    ];
  },
};

function find(event) {
  event.preventDefault();
  go(here({ id: new FormData(event.currentTarget).get("id").trim() }));
}

function byId(id) {
  return body([read(path(["predictions"], { id }), "found")], ({ predictions: found }) => {
    if (!found.length)
      return nothing(
        `No prediction has the id “${id}”.`,
        h(
          "p",
          { class: "explain" },
          "Ids must match in full. It may also have been erased, or be older than what is kept.",
        ),
      );
    const columns = [...new Set(found.flatMap(Object.keys))].filter((name) =>
      found.some((one) => typeof one[name] !== "object"),
    );
    return predictionTable({
      columns: columns.filter((name) => name !== "features"),
      rows: found.map((one) => columns.map((name) => one[name] ?? null)),
      label: "Predictions with this id",
    });
  });
}

function explorer(models, context) {
  const { query } = context;
  if (!models.length) return nothing("No prediction is kept yet.");
  const model = query.get("model") ?? models[0].model;
  const chosen = models.find((one) => one.model === model);
  const detail = read(path(["models", model]));
  const set = (name) => (event) => go(here({ [name]: event.target.value, before: null }), { replace: true });
  return [
    h(
      "div",
      { class: "filters second" },
      h(
        "select",
        { "aria-label": "Model", on: { change: set("model") } },
        models.map((one) =>
          h("option", { key: one.model, value: one.model, selected: one.model === model }, one.model),
        ),
      ),
      h(
        "select",
        { "aria-label": "Version", on: { change: set("version") } },
        h("option", { value: "" }, "Any version"),
        (detail.value?.versions ?? []).map((name) =>
          h("option", { key: name, value: name, selected: name === query.get("version") }, name),
        ),
      ),
      h("input", {
        type: "text",
        "aria-label": "Entity",
        placeholder: "Entity",
        value: query.get("entity") ?? "",
        spellcheck: "false",
        on: { change: set("entity") },
      }),
      choice(
        "Outcome",
        [
          ["", "All"],
          ["true", "Errors"],
          ["false", "Without error"],
        ],
        query.get("error") ?? "",
        (value) => go(here({ error: value, before: null }), { replace: true }),
      ),
      choice(
        "Outliers",
        [
          ["", "All"],
          ["true", "Outliers"],
          ["false", "Usual"],
        ],
        query.get("outlier") ?? "",
        (value) => go(here({ outlier: value, before: null }), { replace: true }),
      ),
    ),
    chosen
      ? body([detail], (value) => found(model, value, context), 320)
      : nothing(`There is no model ${model}.`, h("a", { href: here({ model: null }) }, "Show another")),
  ];
}

function found(model, detail, context) {
  const { query } = context;
  const range = modelRange(query, detail);
  context.range = range;
  const entry = read(
    path(["models", model, "predictions"], {
      from: iso(range.from),
      to: iso(range.to),
      entity: query.get("entity"),
      version: query.get("version"),
      error: query.get("error"),
      outlier: query.get("outlier"),
      limit: PAGE,
      before: query.get("before"),
    }),
    "predictions",
  );
  return body(
    [entry],
    (answer) => [
      answer.rows.length
        ? predictionTable({ ...answer, model, label: "Predictions, newest first" })
        : nothing(
            "No prediction is like this.",
            h(
              "a",
              { href: link(["predictions"], { model, from: null, to: null, last: null }) },
              "Clear the filters",
            ),
          ),
      h(
        "nav",
        { class: "pages", "aria-label": "Pages" },
        query.has("before") ? h("a", { href: here({ before: null }) }, "← Newest") : null,
        answer.next ? h("a", { href: here({ before: answer.next }), rel: "next" }, "Older →") : null,
      ),
    ],
    320,
  );
}
