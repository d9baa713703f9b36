// All incidents, newest first, by state and model.

import { path } from "../api.js";
import { h } from "../dom.js";
import { plural } from "../format.js";
import { choice } from "../parts/facts.js";
import { incidentTable } from "../parts/incident_table.js";
import { body, nothing } from "../parts/panel.js";
import { read } from "../resources.js";
import { go, here } from "../router.js";
import { iso, rangeOf } from "../time_range.js";
import { DAY, MINUTE } from "../zone.js";

export const incidents = {
  title: () => "Incidents",
  section: "incidents",
  render: (context) => {
    const { query } = context;
    const isBounded = ["from", "to", "last"].some((name) => query.has(name));
    const now = Math.ceil(Date.now() / MINUTE) * MINUTE;
    context.range = isBounded
      ? rangeOf(query, now, 30 * DAY)
      : { from: now - 30 * DAY, to: now, last: "all" };
    const window = isBounded ? { from: iso(context.range.from), to: iso(context.range.to) } : {};
    const [model, state, text] = [query.get("model"), query.get("state") ?? "all", query.get("q") ?? ""];
    const entry = read(path(["incidents"], { model, state, ...window, limit: 500 }), "incidents");
    return [
      h("h1", { class: "title" }, "Incidents"),
      h(
        "div",
        { class: "filters" },
        h("input", {
          type: "search",
          "aria-label": "Find an incident",
          placeholder: "Find an incident",
          "data-search": true,
          value: text,
          spellcheck: "false",
          on: { input: (event) => go(here({ q: event.target.value }), { replace: true }) },
        }),
        choice(
          "State",
          [
            ["all", "All"],
            ["open", "Open"],
          ],
          state,
          (value) => go(here({ state: value === "all" ? null : value })),
        ),
        model
          ? h(
              "a",
              { class: "chip", href: here({ model: null }), "aria-label": `Only ${model}; show all models` },
              model,
              h("span", { "aria-hidden": "true" }, " ✕"),
            )
          : null,
      ),
      body([entry], ({ incidents: all }) => shown(all, text, state, isBounded), 320),
    ];
  },
};

function shown(all, text, state, isBounded) {
  const wanted = text.trim().toLowerCase();
  const found = all.filter((one) =>
    `${one.message} ${one.model} ${one.what.join(" ")} ${one.kind ?? ""}`.toLowerCase().includes(wanted),
  );
  if (!found.length) {
    if (wanted)
      return nothing(`No incident says “${text}”.`, h("a", { href: here({ q: null }) }, "Show all"));
    if (isBounded)
      return nothing(
        "No incident in this time.",
        h("a", { href: here({ from: null, to: null, last: null }) }, "Show all times"),
      );
    return nothing(
      state === "open"
        ? "No incident is open."
        : "No incident yet. When something happens, it is told here once.",
    );
  }
  const open = found.filter((one) => one.is_open).length;
  return [
    h("p", { class: "tally" }, `${plural(found.length, "incident")}, ${open} open`),
    incidentTable(found),
  ];
}
