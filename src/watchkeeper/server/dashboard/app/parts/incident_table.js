// Incidents as rows: what, where, since when, and whether it is over.

import { h } from "../dom.js";
import { link } from "../router.js";
import { DAY, HOUR, MINUTE } from "../zone.js";
import { closedWord, capital } from "./badges.js";
import { moment } from "./moment.js";
import { table } from "./table.js";

export function incidentTable(incidents, { showsModel = true, label = "Incidents" } = {}) {
  const columns = [
    {
      name: "what",
      title: "What happened",
      className: "what",
      cell: (one) => [
        h("a", { href: link(["incidents", one.id]), class: "stretch", "data-row": true }, one.message),
        marks(one),
      ],
    },
    showsModel && {
      name: "model",
      title: "Model",
      cell: (one) => h("a", { href: link(["models", one.model]), class: "over" }, one.model),
    },
    { name: "kind", title: "Kind", isMinor: true, cell: (one) => capital(one.kind ?? one.source) },
    { name: "since", title: "Since", className: "nowrap", cell: (one) => moment(one.since ?? one.opened_at) },
    {
      name: "state",
      title: "State",
      className: "nowrap",
      cell: (one) =>
        one.is_open
          ? h("span", { class: "open-word" }, "Open")
          : h("span", { class: "quiet" }, `${closedWord(one)} after ${lasted(one)}`),
    },
  ].filter(Boolean);
  return table({
    label,
    columns,
    rows: incidents,
    key: (one) => one.id,
    className: "cards incidents",
    rowClass: (one) => (one.is_open ? "is-open" : null),
  });
}

function marks(one) {
  const said = [
    one.adopted && one.is_open && "adopted, closes at the next bucket",
    one.acknowledged && `acknowledged by ${one.acknowledged.actor}`,
    one.muted && "muted",
    one.resembles && `like ${one.resembles}`,
  ].filter(Boolean);
  return said.length ? h("small", null, capital(said.join(" · "))) : null;
}

export function lasted({ since, opened_at: opened, closed_at: closed }) {
  const ms = Date.parse(closed) - Date.parse(since ?? opened);
  if (ms >= 2 * DAY) return `${Math.round(ms / DAY)} days`;
  if (ms >= 2 * HOUR) return `${Math.round(ms / HOUR)} hours`;
  return `${Math.max(1, Math.round(ms / MINUTE))} minutes`;
}
