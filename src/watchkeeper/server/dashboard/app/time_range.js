// The time that a view shows: the last so long, or from one moment to another.

import { here } from "./router.js";
import { DAY, HOUR, MINUTE, day, span } from "./zone.js";

export const PRESETS = [
  ["1h", "Last hour"],
  ["6h", "Last 6 hours"],
  ["24h", "Last 24 hours"],
  ["7d", "Last 7 days"],
  ["30d", "Last 30 days"],
  ["90d", "Last 90 days"],
  ["365d", "Last year"],
];
const UNITS = { m: MINUTE, h: HOUR, d: DAY };

export function length(text) {
  const match = /^(\d{1,5})([mhd])$/.exec(text ?? "");
  return match ? Number(match[1]) * UNITS[match[2]] : null;
}

// What the URL asks for: {from, to, last}, in milliseconds; `newest` is where "last" counts back
// from, `usual` how long it is when nothing is asked for.
export function rangeOf(query, newest, usual) {
  const from = Date.parse(query.get("from") ?? "");
  const to = Date.parse(query.get("to") ?? "");
  if (!Number.isNaN(from) || !Number.isNaN(to)) {
    const end = Number.isNaN(to) ? newest : to;
    const begin = Number.isNaN(from) ? end - usual : from;
    if (begin < end) return { from: begin, to: end, last: null };
  }
  const asked = length(query.get("last"));
  const last = asked ? query.get("last") : null;
  return { from: newest - (asked ?? usual), to: newest, last: last ?? "usual" };
}

// So many buckets that a screen shows them well: a week of hours, half a year of days.
export function usualLength(bucketSeconds) {
  if (!bucketSeconds) return 7 * DAY;
  if (bucketSeconds >= 86_400) return 180 * DAY;
  if (bucketSeconds >= 3600) return 7 * DAY;
  return DAY;
}

export function rangeText({ from, to, last }, now = Date.now()) {
  if (last === null) return span(from, to);
  if (last === "all") return "All times";
  const preset = PRESETS.find(([name]) => length(name) === to - from);
  const text = preset ? preset[1] : `Last ${Math.round((to - from) / DAY)} days`;
  // Where the data ended long ago, "last" is said with its end.
  return now - to < Math.max(6 * HOUR, (to - from) / 20) ? text : `${text} to ${day(to - 1)}`;
}

export function rangeUrl(from, to) {
  return here({ from: iso(from), to: iso(to), last: null });
}

export function iso(ms) {
  return new Date(Math.round(ms)).toISOString().replace(".000Z", "Z");
}
