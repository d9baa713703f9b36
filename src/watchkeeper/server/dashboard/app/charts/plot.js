// Scales and shapes of a chart over time, in pixels.

export const LEFT = 52;
export const BOTTOM = 22;
const RIGHT = 8;
const LOWEST_LOG = 1e-3;

export function timeScale(from, to, width) {
  const inner = Math.max(1, width - LEFT - RIGHT);
  return {
    at: (ms) => LEFT + ((ms - from) / (to - from || 1)) * inner,
    ms: (x) => from + ((x - LEFT) / inner) * (to - from),
    left: LEFT,
    right: LEFT + inner,
  };
}

export function valueScale(low, high, top, bottom, isLog) {
  const of = isLog ? (value) => Math.log10(Math.max(value, LOWEST_LOG)) : (value) => value;
  const begin = of(low);
  const size = of(high) - begin || 1;
  return (value) =>
    bottom - ((Math.min(Math.max(of(value), begin), begin + size) - begin) / size) * (bottom - top);
}

// Points of a line, null where it is broken; no more than two to a pixel, extremes kept.
export function thinned(xs, values, at, y, width) {
  const points = [];
  const per = Math.max(1, Math.ceil(values.length / (width * 1.5)));
  for (let i = 0; i < values.length; i += per) {
    let low = -1;
    let high = -1;
    for (let k = i; k < Math.min(i + per, values.length); k += 1) {
      if (!isKnown(values[k])) continue;
      if (low < 0 || values[k] < values[low]) low = k;
      if (high < 0 || values[k] > values[high]) high = k;
    }
    if (low < 0) points.push(null);
    else
      for (const k of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) {
        points.push([at(xs[k]), y(values[k])]);
      }
  }
  return points;
}

export function linePath(points) {
  let path = "";
  let isOpen = false;
  for (let i = 0; i < points.length; i += 1) {
    const point = points[i];
    if (point) path += `${isOpen ? "L" : "M"}${round(point[0])} ${round(point[1])}`;
    // A point alone is a dot: a line of no length with round ends.
    if (point && !isOpen && !points[i + 1]) path += "h0.01";
    isOpen = Boolean(point);
  }
  return path;
}

export function areaPath(upper, lower) {
  let path = "";
  let begin = 0;
  for (let i = 0; i <= upper.length; i += 1) {
    if (i < upper.length && upper[i] && lower[i]) continue;
    if (i - begin > 1) {
      const there = upper.slice(begin, i);
      const back = lower.slice(begin, i).reverse();
      path += `M${[...there, ...back].map(([x, y]) => `${round(x)} ${round(y)}`).join("L")}Z`;
    }
    begin = i + 1;
  }
  return path;
}

export function isKnown(value) {
  return typeof value === "number" && Number.isFinite(value);
}

function round(value) {
  return Math.round(value * 10) / 10;
}
