// Where axes are marked: round numbers, and round times of the chosen zone.

import { DAY, HOUR, MINUTE, clock, day, fromWall, month, wall } from "../zone.js";

const STEPS = [
  MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  3 * DAY,
  7 * DAY,
  14 * DAY,
];
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60];

// Returns [{at, text}] with at most `most` of them.
export function timeTicks(from, to, most) {
  const step = STEPS.find((one) => (to - from) / one <= most);
  return step ? evenTicks(from, to, step) : monthTicks(from, to, most);
}

function evenTicks(from, to, step) {
  const ticks = [];
  const first = Math.ceil(wall(from) / step) * step;
  for (let at = first; at <= wall(to); at += step) {
    const ms = fromWall(at);
    const isMidnight = at % DAY === 0;
    ticks.push({ at: ms, text: isMidnight ? day(ms, { year: false }) : clock(ms) });
  }
  return ticks.filter(({ at }) => at >= from && at <= to);
}

function monthTicks(from, to, most) {
  const months = (to - from) / (30.4 * DAY);
  const step = MONTH_STEPS.find((one) => months / one <= most) ?? 120;
  const begin = new Date(wall(from));
  const ticks = [];
  for (
    let number = Math.ceil((begin.getUTCFullYear() * 12 + begin.getUTCMonth()) / step) * step;
    ;
    number += step
  ) {
    const at = fromWall(Date.UTC(Math.floor(number / 12), number % 12, 1));
    if (at > to) return ticks;
    if (at >= from) ticks.push({ at, text: step >= 12 ? month(at).slice(4) : month(at) });
  }
}

// Round values from at or below `low` to at or above `high`.
export function valueTicks(low, high, most = 5) {
  const rough = (high - low) / most || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? 10 * power;
  const ticks = [];
  for (let i = Math.floor(low / step + 1e-9); i * step <= high + step * (1 - 1e-9); i += 1) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

// Powers of ten between two positive values, `most` at most.
export function powerTicks(low, high, most = 5) {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const step = Math.max(1, Math.ceil((last - first + 1) / most));
  const ticks = [];
  for (let power = first; power <= last; power += 1) {
    if (power % step === 0) ticks.push(10 ** power);
  }
  return ticks;
}
