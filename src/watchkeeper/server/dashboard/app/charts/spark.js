// <wk-spark>: the course of evidence in a line of text's height, under its threshold.

import { svg } from "../dom.js";
import { linePath, valueScale } from "./plot.js";

const WIDTH = 160;
const HEIGHT = 36;

class Spark extends HTMLElement {
  #values = null;

  set data(values) {
    const isSame =
      this.#values?.length === values.length && values.every((value, i) => value === this.#values[i]);
    this.#values = values;
    if (!isSame && this.isConnected) this.#draw();
  }

  get data() {
    return this.#values;
  }

  connectedCallback() {
    this.#draw();
  }

  #draw() {
    const values = this.#values ?? [];
    const high = Math.min(1e6, Math.max(10, ...values.filter(Number.isFinite)));
    const y = valueScale(0.001, high, 3, HEIGHT - 3, true);
    const step = WIDTH / Math.max(1, values.length - 1);
    const points = values.map((value, i) => (Number.isFinite(value) ? [i * step, y(value)] : null));
    const last = points.at(-1);
    this.setAttribute("role", "img");
    this.setAttribute("aria-label", words(values));
    this.replaceChildren(
      svg(
        "svg",
        { viewBox: `-2 0 ${WIDTH + 6} ${HEIGHT}`, width: WIDTH + 6, height: HEIGHT, "aria-hidden": "true" },
        svg("line", { class: "threshold", x1: 0, x2: WIDTH, y1: y(1), y2: y(1) }),
        svg("path", { class: "line", d: linePath(points) }),
        last
          ? svg("circle", {
              class: values.at(-1) >= 1 ? "end over" : "end",
              cx: last[0],
              cy: last[1],
              r: 2.5,
            })
          : null,
      ),
    );
  }
}

function words(values) {
  if (!values.length) return "no evidence yet";
  const last = values.at(-1);
  return `evidence over the last ${values.length} buckets, now ${last.toPrecision(2)} of the threshold`;
}

customElements.define("wk-spark", Spark);
