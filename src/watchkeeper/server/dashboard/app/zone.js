// Times in the zone that the reader chose.

const formats = new Map();
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

let chosen = null;

export function browserZone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

export function zone() {
  return chosen ?? browserZone();
}

export function setZone(name) {
  chosen = name && isZone(name) ? name : null;
}

export function isZone(name) {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export function allZones() {
  const known = Intl.supportedValuesOf?.("timeZone") ?? [];
  return ["UTC", ...known.filter((name) => name !== "UTC")];
}

// The clock on the wall at a moment, as milliseconds that read right in UTC.
export function wall(ms, name = zone()) {
  if (name === "UTC") return ms;
  const read = {};
  for (const { type, value } of format(name).formatToParts(ms)) read[type] = Number(value);
  const whole = Date.UTC(read.year, read.month - 1, read.day, read.hour, read.minute, read.second);
  return whole + (((ms % 1000) + 1000) % 1000);
}

export function fromWall(ms, name = zone()) {
  const guess = ms - (wall(ms, name) - ms);
  return guess - (wall(guess, name) - ms);
}

export function day(ms, { year = true } = {}) {
  const at = new Date(wall(ms));
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}${year ? ` ${at.getUTCFullYear()}` : ""}`;
}

export function month(ms) {
  const at = new Date(wall(ms));
  return `${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}

export function clock(ms, { seconds = false } = {}) {
  const iso = new Date(wall(ms)).toISOString();
  return iso.slice(11, seconds ? 19 : 16);
}

export function stamp(ms) {
  const time = clock(ms);
  return time === "00:00" ? day(ms) : `${day(ms)} ${time}`;
}

// Everything there is to say of a moment, for the tooltip.
export function fullStamp(ms) {
  const at = new Date(wall(ms));
  return `${DAYS[at.getUTCDay()]} ${day(ms)} ${clock(ms, { seconds: true })} ${zone()}`;
}

export function span(from, to) {
  const last = to - 1;
  if (day(from) === day(last)) {
    return to - from >= DAY - HOUR ? day(from) : `${day(from)} ${clock(from)} to ${clock(to)}`;
  }
  const isWhole = clock(from) === "00:00" && clock(to) === "00:00";
  const isOneYear = new Date(wall(from)).getUTCFullYear() === new Date(wall(last)).getUTCFullYear();
  const begin = isWhole ? day(from, { year: !isOneYear }) : stamp(from);
  return `${begin} to ${isWhole ? day(last) : stamp(to)}`;
}

export function since(ms, now = Date.now()) {
  const age = now - ms;
  if (age < 0) return age > -MINUTE ? "now" : stamp(ms);
  if (age < 5_000) return "now";
  if (age < MINUTE) return `${Math.floor(age / 1000)} s ago`;
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`;
  if (age < 2 * DAY) return `${Math.floor(age / HOUR)} h ago`;
  if (age < 14 * DAY) return `${Math.floor(age / DAY)} days ago`;
  return day(ms);
}

function format(name) {
  let found = formats.get(name);
  if (!found) {
    found = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(name, found);
  }
  return found;
}
