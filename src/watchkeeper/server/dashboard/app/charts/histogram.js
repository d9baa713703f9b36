// <wk-histogram>: a distribution of numbers as bars over the outline of another.
//
// data: {label, bins: [{low, high}], observed, expected, names: [of the bars, of the outline], height}

import { h, svg } from "../dom.js";
import { number, ratio } from "../format.js";
import { LEFT, BOTTOM } from "./plot.js";
import { valueTicks } from "./ticks.js";

const TOP = 10;
const LABEL_PIXELS = 56;

class Histogram extends HTMLElement {
  #data = null;
  #width = 0;
  #at = null;
  #size = new ResizeObserver(([entry]) => this.#resized(entry.contentRect.width));

  set data(data) {
    const isSame = this.#data?.source === data.source;
    this.#data = data;
    if (!isSame && this.isConnected && this.#width) this.#draw();
  }

  get data() {
    return this.#data;
  }

  connectedCallback() {
    this.tabIndex = 0;
    this.setAttribute("role", "application");
    this.setAttribute("aria-roledescription", "histogram");
    this.style.setProperty("height", `${this.#data.height}px`);
    this.#size.observe(this);
    this.onpointermove = (event) =>
      this.#read(this.#binAt(event.clientX - this.getBoundingClientRect().left));
    this.onpointerleave = () => this.#read(null);
    this.onblur = () => this.#read(null);
    this.onkeydown = (event) => this.#key(event);
  }

  disconnectedCallback() {
    this.#size.disconnect();
  }

  #resized(width) {
    if (width < 80 || Math.abs(width - this.#width) < 1) return;
    this.#width = width;
    this.#draw();
  }

  #draw() {
    const { bins, observed, expected, label, height } = this.#data;
    const bottom = height - BOTTOM;
    const ticks = valueTicks(0, Math.max(1e-9, ...observed, ...expected), 3);
    const most = ticks.at(-1);
    const y = (share) => bottom - (share / most) * (bottom - TOP);
    const step = (this.#width - LEFT - 8) / bins.length;
    const x = (i) => LEFT + i * step;
    const gap = step > 6 ? 1.5 : 0.5;
    const outline = expected.map((share, i) => `V${y(share).toFixed(1)}H${x(i + 1).toFixed(1)}`).join("");
    this.scale = { x, step };
    this.setAttribute("aria-label", `${label}. Arrow keys read the bars.`);
    this.style.setProperty("height", `${height}px`);
    this.replaceChildren(
      svg(
        "svg",
        { width: this.#width, height, "aria-hidden": "true" },
        ticks.map((tick) => [
          svg("line", { class: "grid", x1: LEFT, x2: x(bins.length), y1: y(tick), y2: y(tick) }),
          svg("text", { class: "tick", x: LEFT - 8, y: y(tick) + 4, "text-anchor": "end" }, ratio(tick)),
        ]),
        svg("path", { class: "band", d: `M${LEFT} ${bottom}${outline}V${bottom}Z` }),
        observed.map((share, i) =>
          svg("rect", {
            class: "bars see-through",
            x: x(i) + gap,
            width: Math.max(0.5, step - 2 * gap),
            y: y(share),
            height: bottom - y(share),
          }),
        ),
        svg("path", { class: "line expected", d: `M${LEFT} ${bottom}${outline}V${bottom}` }),
        svg("line", { class: "axis", x1: LEFT, x2: x(bins.length), y1: bottom, y2: bottom }),
        edges(bins, Math.max(1, Math.ceil(LABEL_PIXELS / step))).map(([i, text]) =>
          svg("text", { class: "tick", x: x(i), y: bottom + 17, "text-anchor": "middle" }, text),
        ),
        svg("rect", { class: "pointed", y: TOP, height: bottom - TOP, width: step, visibility: "hidden" }),
      ),
      h("div", { class: "tip", hidden: true }),
      h("output", { class: "unseen" }),
    );
    this.#read(this.#at);
  }

  #binAt(x) {
    const i = Math.floor((x - LEFT) / (this.scale?.step ?? 1));
    return i >= 0 && i < this.#data.bins.length ? i : null;
  }

  #key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const last = this.#data.bins.length - 1;
    this.#read(Math.min(Math.max((this.#at ?? (step > 0 ? -1 : last + 1)) + step, 0), last));
    this.querySelector("output").textContent = this.#words(this.#at).join(", ");
  }

  #read(i) {
    this.#at = i;
    const tip = this.querySelector(".tip");
    const pointed = this.querySelector(".pointed");
    if (!tip) return;
    tip.hidden = i === null;
    pointed.setAttribute("visibility", i === null ? "hidden" : "visible");
    if (i === null) return;
    pointed.setAttribute("x", this.scale.x(i));
    tip.replaceChildren(...this.#words(i).map((text, k) => h(k ? "div" : "b", null, text)));
    const wide = tip.offsetWidth;
    const right = this.scale.x(i) + this.scale.step + 8;
    tip.style.setProperty(
      "left",
      `${right + wide > this.#width ? Math.max(0, this.scale.x(i) - wide - 8) : right}px`,
    );
  }

  #words(i) {
    const { bins, observed, expected, names } = this.#data;
    return [binName(bins[i]), `${names[0]} ${ratio(observed[i])}`, `${names[1]} ${ratio(expected[i])}`];
  }
}

export function binName({ label, low, high }) {
  if (isEnd(low) && isEnd(high)) return low === high ? number(low) : `${number(low)} to ${number(high)}`;
  if (isEnd(low)) return `${number(low)} and more`;
  if (isEnd(high)) return `below ${number(high)}`;
  return label;
}

// The edges to be marked: [place, text], every so many.
function edges(bins, every) {
  const marks = [];
  for (let i = 1; i < bins.length; i += 1) {
    const edge = bins[i].low ?? bins[i - 1].high;
    if (isEnd(edge) && i % every === 0) marks.push([i, number(edge, 3)]);
  }
  return marks;
}

function isEnd(value) {
  return value !== null && value !== undefined && Number.isFinite(value);
}

customElements.define("wk-histogram", Histogram);
