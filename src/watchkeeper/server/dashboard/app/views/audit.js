// Everything that changed a decision, in a chain that shows if it was tampered with.

import { path } from "../api.js";
import { h } from "../dom.js";
import { cell } from "../format.js";
import { moment } from "../parts/moment.js";
import { body, nothing } from "../parts/panel.js";
import { table } from "../parts/table.js";
import { read } from "../resources.js";
import { go, here, link } from "../router.js";

export const audit = {
  title: () => "Audit",
  section: "audit",
  render: ({ query }) => [
    h("h1", { class: "title" }, "Audit"),
    h(
      "div",
      { class: "filters" },
      h("input", {
        type: "search",
        "aria-label": "Only this action",
        placeholder: "Only this action",
        value: query.get("action") ?? "",
        "data-search": true,
        spellcheck: "false",
        on: {
          change: (event) => go(here({ action: event.target.value.trim(), before: null }), { replace: true }),
        },
      }),
    ),
    body(
      [
        read(
          path(["audit"], { limit: 100, before: query.get("before"), action: query.get("action") }),
          "audit",
        ),
      ],
      (answer) => [
        verified(answer.verified),
        answer.entries.length ? entries(answer.entries) : nothing("No entry is like this."),
        h(
          "nav",
          { class: "pages", "aria-label": "Pages" },
          query.has("before") ? h("a", { href: here({ before: null }) }, "← Newest") : null,
          answer.next ? h("a", { href: here({ before: answer.next }) }, "Older →") : null,
        ),
      ],
      320,
    ),
  ],
};

function verified(state) {
  const text =
    state === true
      ? "The chain is whole: no entry was changed or removed."
      : state === false
        ? "The chain is broken: an entry was changed or removed. watchkeeper audit verify STORE says which."
        : "The chain was not checked just now; watchkeeper audit verify STORE checks it.";
  return h("p", { class: state === false ? "problem" : state ? "verified" : "quiet", key: "verified" }, text);
}

function entries(list) {
  return table({
    label: "Audit entries",
    rows: list,
    key: ({ number }) => number,
    className: "cards audit-table",
    columns: [
      { name: "action", title: "Action", cell: (one) => h("strong", null, one.action) },
      { name: "details", title: "What", cell: details },
      { name: "actor", title: "By", cell: (one) => one.actor },
      { name: "time", title: "When", className: "nowrap", cell: (one) => moment(one.time) },
      {
        name: "hash",
        title: "Hash",
        isMinor: true,
        cell: (one) => (one.hash ? h("code", { title: one.hash }, one.hash.slice(0, 10)) : ""),
      },
    ],
  });
}

// The payload is JSON as it was hashed; its model first, the rest as name and value.
function details({ payload }) {
  const { model, ...rest } = decoded(payload);
  const said = Object.entries(rest)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name.replaceAll("_", " ")} ${cell(value)}`)
    .join(", ");
  return [
    model ? h("a", { class: "over", href: link(["models", model]) }, model) : null,
    said ? h("small", null, said) : null,
  ];
}

function decoded(payload) {
  try {
    const value = JSON.parse(payload);
    return value !== null && typeof value === "object" ? value : { payload };
  } catch {
    return { payload };
  }
}
