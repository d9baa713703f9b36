// A titled part of a page, which says what it waits for, what went wrong, and what to do then.

import { h } from "../dom.js";

export function panel({ id, title, note, actions, tools, entries = [], height = 160 }, content) {
  return h(
    "section",
    { class: "panel", key: id, id, "aria-labelledby": `${id}-title` },
    h(
      "header",
      { class: "panel-head" },
      h("div", null, h("h2", { id: `${id}-title` }, title), note ? h("p", { class: "explain" }, note) : null),
      tools ? h("div", { class: "tools" }, tools) : null,
    ),
    actions ?? null,
    body(entries, content, height),
  );
}

// What is read, once it is there; until then nothing, then a skeleton; or what is wrong.
export function body(entries, content, height = 160) {
  const failed = entries.find((entry) => entry.error && entry.value === undefined);
  if (failed) return problem(failed.error);
  if (entries.some((entry) => entry.value === undefined)) {
    const isSlow = entries.some((entry) => entry.isSlow);
    return h(
      "div",
      { key: "wait", class: isSlow ? "skeleton" : "skeleton hidden", style: { height: `${height}px` } },
      isSlow ? h("span", { class: "unseen" }, "Loading") : null,
    );
  }
  return h("div", { key: "body", class: "panel-body" }, content(...entries.map((entry) => entry.value)));
}

export function problem(error) {
  return h(
    "div",
    { class: "problem", role: "alert", key: "problem" },
    h("strong", null, error.title ?? "This did not work"),
    h("p", null, error.message),
  );
}

export function nothing(text, more) {
  return h("div", { class: "nothing" }, h("p", null, text), more ?? null);
}
