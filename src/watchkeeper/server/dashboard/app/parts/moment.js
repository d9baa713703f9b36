// A moment: short, with all of it on hover.

import { h } from "../dom.js";
import { clock, day, fullStamp, since } from "../zone.js";

export function moment(iso, { relative = false, none = "–" } = {}) {
  if (!iso) return none;
  const ms = Date.parse(iso);
  return h("time", { datetime: iso, title: fullStamp(ms) }, relative ? since(ms) : `${day(ms)} ${clock(ms)}`);
}
