// States in a word and a shape, so that colour is never all that tells them apart.

import { h, svg } from "../dom.js";

const STATES = {
  incident: ["Incident", "M3 13 8 3l5 10zM8 7v2.5M8 11.4v.1"],
  silent: ["Silent", "M3 8h2M7 8h2M11 8h2"],
  stalled: ["Watch stands still", "M5.5 4v8M10.5 4v8"],
  learning: ["Learning", "M8 2.5a5.5 5.5 0 1 1-5.5 5.5M8 5v3l2 1.5"],
  ok: ["As expected", "M3 8.5 6.5 12 13 4.5"],
  unwatched: ["Not watched", "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3"],
};
const KINDS = {
  sudden: "M2 12h5V4h7",
  gradual: "M2 12c5 0 6-8 12-8",
  incremental: "M2 12h3V9h3V6h3V4h3",
  recurring: "M2 8c1.5-6 4-6 6 0s4.5 6 6 0",
};
const OUTLIER = "M3 12.5h.1M5.5 11h.1M4.5 13.5h.1M7 12.8h.1M6 9.5h.1M12.5 3.5m-1.5 0a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0-3 0";
const SOURCES = { drift: "Drift", rule: "Rule", objective: "Objective", cost: "Cost", quality: "Quality" };

export const WORST_FIRST = Object.keys(STATES);

export function stateWord(state) {
  return STATES[state]?.[0] ?? state;
}

export function stateGlyph(state) {
  return glyph(STATES[state]?.[1] ?? STATES.unwatched[1], `state state-${state}`);
}

export function stateBadge(state) {
  return h("span", { class: `badge state-${state}` }, stateGlyph(state), stateWord(state));
}

export function incidentBadges(incident) {
  return h(
    "span",
    { class: "badges" },
    h(
      "span",
      { class: `badge ${incident.is_open ? "is-open" : ""}` },
      incident.is_open ? "Open" : closedWord(incident),
    ),
    h("span", { class: "badge" }, SOURCES[incident.source] ?? incident.source),
    incident.kind
      ? h(
          "span",
          { class: "badge" },
          KINDS[incident.kind] ? glyph(KINDS[incident.kind]) : null,
          capital(incident.kind),
        )
      : null,
    incident.severity === "critical" ? h("span", { class: "badge is-open" }, "Critical") : null,
    incident.muted ? h("span", { class: "badge" }, "Muted") : null,
    incident.acknowledged
      ? h("span", { class: "badge" }, `Acknowledged by ${incident.acknowledged.actor}`)
      : null,
  );
}

export function outlierBadge(text) {
  return h("span", { class: "badge is-outlier" }, glyph(OUTLIER), text);
}

export function closedWord({ closed_why: why }) {
  return { adopted: "Adopted", returned: "Returned", withdrawn: "Withdrawn" }[why] ?? "Closed";
}

export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function glyph(path, className = "") {
  return svg(
    "svg",
    { class: `glyph ${className}`, viewBox: "0 0 16 16", width: 14, height: 14, "aria-hidden": "true" },
    svg("path", { d: path }),
  );
}
