// Incidents as bars on the axis of time that the chart below them has.

import { h } from "../dom.js";
import { link } from "../router.js";

const TEXT_PART = 0.24; // of the width, kept free for a bar's words

export function lanes(incidents, from, to) {
  const size = to - from;
  const ends = [];
  const bars = incidents
    .map((incident) => ({
      incident,
      begin: Date.parse(incident.since ?? incident.opened_at),
      end: incident.closed_at ? Date.parse(incident.closed_at) : to,
    }))
    .filter(({ begin, end }) => end > from && begin < to)
    .sort((a, b) => a.begin - b.begin)
    .map(({ incident, begin, end }) => {
      const left = Math.max(0, (begin - from) / size);
      const width = Math.max(0.006, Math.min(1, (end - from) / size) - left);
      const reach = Math.max(left + width, Math.min(1, left + TEXT_PART));
      let lane = ends.findIndex((last) => last <= left);
      if (lane < 0) lane = ends.length;
      ends[lane] = reach + 0.01;
      return { incident, left, width, lane, flips: left > 1 - TEXT_PART && width < TEXT_PART };
    });
  if (!bars.length) return null;
  return h(
    "div",
    {
      class: "lanes",
      style: { height: `${ends.length * 26}px` },
      role: "list",
      "aria-label": "Incidents on the time line",
    },
    bars.map(({ incident, left, width, lane, flips }) =>
      h(
        "div",
        {
          role: "listitem",
          key: incident.id,
          class: "lane",
          style: { left: `${left * 100}%`, width: `${width * 100}%`, top: `${lane * 26}px` },
        },
        h(
          "a",
          {
            href: link(["incidents", incident.id]),
            class: `${incident.is_open ? "is-open" : ""} ${flips ? "flips" : ""}`,
            title: incident.message,
          },
          h("i", null),
          h("span", null, incident.what.slice(0, 3).join(", ") || incident.source),
        ),
      ),
    ),
  );
}
