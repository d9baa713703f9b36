// How often probabilities came true: a point for each range of them, with its interval, and the
// line on which they would lie if all were right.

import { svg } from "../dom.js";
import { exact, ratio } from "../format.js";

const SIZE = 220;
const LEFT = 44;
const BOTTOM = 26;
const TOP = 8;
const RIGHT = 8;

export function calibrationCurve(bins) {
  const x = (value) => LEFT + value * (SIZE - LEFT - RIGHT);
  const y = (value) => SIZE - BOTTOM - value * (SIZE - BOTTOM - TOP);
  const points = bins.map((bin) => `${x(bin.predicted).toFixed(1)},${y(bin.observed).toFixed(1)}`);
  const said = bins.map(
    (bin) => `predicted ${ratio(bin.predicted)}, came true ${ratio(bin.observed)} of ${exact(bin.rows)}`,
  );
  return svg(
    "svg",
    {
      class: "calibration-curve",
      viewBox: `0 0 ${SIZE} ${SIZE}`,
      width: SIZE,
      height: SIZE,
      role: "img",
      "aria-label": `Calibration: ${said.join("; ")}`,
    },
    [
      ...[0, 0.5, 1].flatMap((tick) => [
        svg("line", { class: "grid", x1: x(0), x2: x(1), y1: y(tick), y2: y(tick) }),
        svg("text", { class: "tick", x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, ratio(tick)),
        svg(
          "text",
          { class: "tick", x: x(tick), y: SIZE - 8, "text-anchor": tick === 1 ? "end" : tick ? "middle" : "start" },
          ratio(tick),
        ),
      ]),
      svg("line", { class: "line reference", x1: x(0), x2: x(1), y1: y(0), y2: y(1) }),
      svg("polyline", { class: "line", points: points.join(" ") }),
      ...bins.map((bin, i) =>
        svg("g", { class: "calibration-bin" }, [
          svg("line", { class: "reach", x1: x(bin.predicted), x2: x(bin.predicted), y1: y(bin.observed_low), y2: y(bin.observed_high) }),
          svg("circle", { cx: x(bin.predicted), cy: y(bin.observed), r: 3 }, [svg("title", {}, said[i])]),
        ]),
      ),
    ],
  );
}
