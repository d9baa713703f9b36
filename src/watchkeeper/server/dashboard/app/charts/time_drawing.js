// The shapes of a chart over time: regions, grid, axes, bands, bars and lines; nothing that moves.

import { svg } from "../dom.js";
import { areaPath, isKnown, linePath, thinned } from "./plot.js";
import { powerTicks, timeTicks, valueTicks } from "./ticks.js";

// Returns SVG elements; beside the data, the scales and edges of the plot, in pixels.
export function drawn(data, { time, y, high, ticks, top, bottom, width, middles }) {
  const shapes = [];
  for (const region of data.regions ?? []) {
    const x = Math.max(time.at(region.from), time.left);
    const end = Math.min(time.at(region.to), time.right);
    if (end > time.left && x < time.right) {
      shapes.push(
        svg("rect", {
          class: `region ${region.tone ?? ""}`,
          x,
          y: top,
          width: Math.max(2, end - x),
          height: bottom - top,
        }),
      );
    }
  }
  for (const tick of ticks) {
    shapes.push(svg("line", { class: "grid", x1: time.left, x2: time.right, y1: y(tick), y2: y(tick) }));
    shapes.push(
      svg(
        "text",
        { class: "tick", x: time.left - 8, y: y(tick) + 4, "text-anchor": "end" },
        data.format(tick),
      ),
    );
  }
  for (const mark of data.marks ?? []) {
    const x = time.at(mark);
    if (x >= time.left && x <= time.right)
      shapes.push(svg("line", { class: "mark", x1: x, x2: x, y1: top, y2: bottom }));
  }
  shapes.push(...timeAxis(data, time, bottom, width));
  for (const band of bandsOf(data)) {
    const lower = thinned(middles, band.low, time.at, y, Infinity);
    shapes.push(
      svg("path", {
        class: `band ${band.tone ?? ""}`,
        d: areaPath(thinned(middles, band.high, time.at, y, Infinity), lower),
      }),
    );
  }
  if (data.bars)
    shapes.push(svg("path", { class: `bars ${data.bars.tone ?? ""}`, d: barPath(data, time, y, bottom) }));
  for (const line of data.lines ?? []) {
    const points = thinned(middles, line.values, time.at, y, time.right - time.left);
    if (line.isArea) {
      const floor = points.map((point) => point && [point[0], bottom]);
      shapes.push(svg("path", { class: `area ${line.tone ?? ""}`, d: areaPath(points, floor) }));
    }
    shapes.push(svg("path", { class: `line ${line.tone ?? ""}`, d: linePath(points) }));
  }
  if (data.threshold && data.threshold.value <= high) {
    const at = y(data.threshold.value);
    shapes.push(svg("line", { class: "threshold", x1: time.left, x2: time.right, y1: at, y2: at }));
    shapes.push(svg("text", { class: "threshold-text", x: time.left + 6, y: at - 5 }, data.threshold.text));
  }
  return shapes;
}

// The bands of a chart, whether it has one or several.
export function bandsOf(data) {
  return data.bands ?? (data.band ? [data.band] : []);
}

// The values from and to which the chart reaches, and the marks of its axis.
export function extent(data) {
  const values = [];
  const take = (list) => {
    for (const value of list ?? []) if (isKnown(value)) values.push(value);
  };
  for (const line of data.lines ?? []) take(line.values);
  take(data.bars?.values);
  for (const band of bandsOf(data)) {
    take(band.low);
    take(band.high);
  }
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (data.isLog) {
    const floor = Math.max(1e-3, Math.min(low > 0 ? low : 1e-3, 0.1));
    const ceiling = Math.min(1e6, Math.max(high, 2)) * 1.5;
    return { low: floor, high: ceiling, ticks: powerTicks(floor, ceiling, 4) };
  }
  if (data.low !== undefined) low = Math.min(low, data.low);
  if (data.high !== undefined) high = Math.max(high, data.high);
  if (data.threshold) high = Math.max(high, data.threshold.value);
  if (low > high) [low, high] = [0, 1];
  if (low === high)
    [low, high] = low === 0 ? [0, 1] : [low - Math.abs(low) * 0.1, high + Math.abs(high) * 0.1];
  const ticks = valueTicks(low, high, data.height < 140 ? 3 : 4);
  return { low: ticks[0], high: ticks[ticks.length - 1], ticks };
}

function timeAxis(data, time, bottom, width) {
  const shapes = [svg("line", { class: "axis", x1: time.left, x2: time.right, y1: bottom, y2: bottom })];
  for (const tick of timeTicks(data.from, data.to, Math.max(3, Math.floor((width - time.left) / 76)))) {
    const x = time.at(tick.at);
    const anchor = x > time.right - 24 ? "end" : x < time.left + 12 ? "start" : "middle";
    shapes.push(svg("line", { class: "axis", x1: x, x2: x, y1: bottom, y2: bottom + 4 }));
    shapes.push(svg("text", { class: "tick", x, y: bottom + 17, "text-anchor": anchor }, tick.text));
  }
  return shapes;
}

function barPath(data, time, y, bottom) {
  let path = "";
  data.bars.values.forEach((value, i) => {
    if (!isKnown(value) || value === 0) return;
    const x = time.at(data.starts[i]);
    const size = time.at(data.ends?.[i] ?? data.starts[i]) - x;
    const gap = size > 4 ? 1 : 0;
    const top = Math.min(y(value), bottom - 1);
    path += `M${x.toFixed(1)} ${bottom}V${top.toFixed(1)}h${Math.max(0.6, size - gap).toFixed(1)}V${bottom}Z`;
  });
  return path;
}
