// Numbers as people read them.

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
export const NONE = "–";

export function count(value) {
  if (!isNumber(value)) return NONE;
  const size = Math.abs(value);
  if (size < 100_000) return grouped.format(value);
  if (size < 1e6) return `${trimmed(value / 1e3, 4)} k`;
  if (size < 1e9) return `${trimmed(value / 1e6, 4)} M`;
  return `${trimmed(value / 1e9, 4)} G`;
}

export function exact(value) {
  return isNumber(value) ? new Intl.NumberFormat("en-US").format(value) : NONE;
}

export function number(value, digits = 4) {
  if (!isNumber(value)) return NONE;
  if (value < 0) return `−${number(-value, digits)}`;
  const size = Math.abs(value);
  if (size >= 1e6) return count(value);
  if (size >= 10 ** (digits - 1)) return grouped.format(value);
  if (size !== 0 && size < 1e-4) return value.toExponential(1);
  return trimmed(value, digits);
}

export function ratio(value) {
  if (!isNumber(value)) return NONE;
  const percent = value * 100;
  if (percent !== 0 && Math.abs(percent) < 0.01) return "< 0.01 %";
  return `${trimmed(percent, percent > 90 && percent < 100 ? 5 : 3)} %`;
}

export function size(bytes) {
  const [unit, name] = [
    [2 ** 30, "GiB"],
    [2 ** 20, "MiB"],
    [2 ** 10, "KiB"],
  ].find(([one]) => bytes >= one) ?? [1, "bytes"];
  return `${trimmed(bytes / unit, 4)} ${name}`;
}

// A part of the whole, where more digits would say nothing.
export function part(value) {
  if (!isNumber(value)) return NONE;
  if (value > 0.995 && value < 1) return "> 99 %";
  return value > 0 && value < 0.005 ? "< 1 %" : `${Math.round(value * 100)} %`;
}

export function seconds(value) {
  if (!isNumber(value)) return NONE;
  if (value === 0) return "0 ms";
  if (value < 1e-3) return `${trimmed(value * 1e6, 3)} µs`;
  if (value < 1) return `${trimmed(value * 1e3, 3)} ms`;
  if (value < 120) return `${trimmed(value, 3)} s`;
  if (value < 7200) return `${trimmed(value / 60, 3)} min`;
  return `${trimmed(value / 3600, 3)} h`;
}

export function usd(value) {
  if (!isNumber(value)) return NONE;
  const size = Math.abs(value);
  if (size >= 100_000) return `$${count(value)}`;
  if (size >= 1000) return `$${grouped.format(value)}`;
  if (Number.isInteger(value)) return `$${value}`;
  if (size >= 1) return `$${value.toFixed(2)}`;
  if (size >= 0.1) return `$${value.toFixed(2)}`;
  if (size >= 1e-6) return `$${trimmed(value, 2)}`;
  return `$${value.toExponential(1)}`;
}

export function rate(perSecond) {
  if (!isNumber(perSecond)) return NONE;
  if (perSecond === 0) return "0";
  if (perSecond >= 1) return `${count3(perSecond)}/s`;
  if (perSecond * 60 >= 1) return `${count3(perSecond * 60)}/min`;
  return `${count3(perSecond * 3600)}/h`;
}

export function times(value) {
  if (!isNumber(value)) return NONE;
  if (value >= 1000) return `${count(value)} ×`;
  return `${value < 0.01 && value > 0 ? "< 0.01" : trimmed(value, 2)} ×`;
}

export function signed(value, format = number) {
  return `${value > 0 ? "+" : value < 0 ? "−" : ""}${format(Math.abs(value))}`;
}

export function plural(value, one, many = `${one}s`) {
  return `${exact(value)} ${value === 1 ? one : many}`;
}

export function duration(seconds) {
  for (const [size, name] of [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
    [1, "second"],
  ]) {
    if (seconds >= size && seconds % size === 0) return plural(seconds / size, name);
  }
  return `${trimmed(seconds, 3)} seconds`;
}

// A value of a feature, as text of one line.
export function cell(value) {
  if (value === null || value === undefined) return "null";
  if (typeof value === "number") return Number.isInteger(value) ? exact(value) : number(value, 6);
  if (Array.isArray(value) && value.length && value.every((one) => typeof one === "string")) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function count3(value) {
  return value >= 100 ? count(value) : trimmed(value, 3);
}

function trimmed(value, digits) {
  const text = value.toPrecision(digits);
  const plain = text.includes("e") ? String(Number(text)) : text;
  return plain.includes(".") ? plain.replace(/\.?0+$/, "") : plain;
}

function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}
