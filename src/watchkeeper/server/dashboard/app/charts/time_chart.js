// <wk-chart>: lines, bands and bars over time, with a cursor that reads them and a zoom by drag.
//
// data: {label, from, to, starts, ends, lines: [{name, values, tone}], band: {name, low, high, tone} or bands,
//        bars: {name, values, tone}, threshold: {value, text}, regions: [{from, to, tone}], marks: [moment],
//        isLog, low, high, height, format, onZoom}

import { h, svg } from "../dom.js";
import { fullStamp, span } from "../zone.js";
import { follow, pointAt } from "./crosshair.js";
import { BOTTOM, isKnown, timeScale, valueScale } from "./plot.js";
import { bandsOf, drawn, extent } from "./time_drawing.js";

const TOP = 10;

class TimeChart extends HTMLElement {
  #data = null;
  #width = 0;
  #size = new ResizeObserver(([entry]) => this.#resized(entry.contentRect.width));
  #unfollow = null;
  #drag = null;
  #index = null;

  set data(data) {
    const isSame = this.#data && same(this.#data, data);
    this.#data = data;
    if (!isSame && this.isConnected && this.#width) this.#draw();
  }

  get data() {
    return this.#data;
  }

  connectedCallback() {
    this.tabIndex = 0;
    this.setAttribute("role", "application");
    this.setAttribute("aria-roledescription", "chart");
    this.style.setProperty("height", `${this.#height()}px`);
    this.#size.observe(this);
    this.#unfollow = follow((ms, source) => this.#mark(ms, source === this));
    this.onpointermove = (event) => this.#move(event);
    this.onpointerleave = () => this.#drag === null && pointAt(null, this);
    this.onpointerdown = (event) => this.#press(event);
    this.onpointerup = (event) => this.#release(event);
    this.onpointercancel = () => this.#endDrag();
    this.onkeydown = (event) => this.#key(event);
    this.onblur = () => pointAt(null, this);
  }

  disconnectedCallback() {
    this.#size.disconnect();
    this.#unfollow?.();
  }

  #height() {
    return this.#data.height ?? 180;
  }

  #resized(width) {
    if (width < 80 || Math.abs(width - this.#width) < 1) return;
    this.#width = width;
    this.#draw();
  }

  #draw() {
    const data = this.#data;
    const width = this.#width;
    const bottom = this.#height() - BOTTOM;
    const time = timeScale(data.from, data.to, width);
    const { low, high, ticks } = extent(data);
    const y = valueScale(low, high, TOP, bottom, data.isLog);
    const middles = data.starts.map((start, i) => (start + (data.ends?.[i] ?? start)) / 2);
    this.scales = { time, y, bottom, middles };
    const shapes = drawn(data, { time, y, high, ticks, top: TOP, bottom, width, middles });
    shapes.push(svg("line", { class: "cursor", y1: TOP, y2: bottom, visibility: "hidden" }));
    shapes.push(svg("rect", { class: "selection", y: TOP, height: bottom - TOP, visibility: "hidden" }));
    this.style.setProperty("height", `${this.#height()}px`);
    this.setAttribute("aria-label", `${data.label}. Arrow keys read the values.`);
    const tip = this.querySelector(".tip") ?? h("div", { class: "tip", hidden: true });
    this.replaceChildren(
      svg("svg", { width, height: this.#height(), "aria-hidden": "true" }, shapes),
      tip,
      this.querySelector("output") ?? h("output", { class: "unseen" }),
    );
    if (this.#index !== null) this.#mark(middles[this.#index], !tip.hidden);
  }

  #move(event) {
    const x = event.clientX - this.getBoundingClientRect().left;
    const ms = this.scales?.time.ms(x);
    if (ms === undefined) return;
    if (this.#drag !== null) this.#select(this.#drag, x);
    pointAt(ms, this);
  }

  #press(event) {
    if (!this.#data.onZoom || event.button !== 0 || event.pointerType === "touch") return;
    this.#drag = event.clientX - this.getBoundingClientRect().left;
    this.setPointerCapture(event.pointerId);
  }

  #release(event) {
    if (this.#drag === null) return;
    const x = event.clientX - this.getBoundingClientRect().left;
    const [from, to] = [this.#drag, x].sort((a, b) => a - b);
    this.#endDrag();
    if (to - from > 6)
      this.#data.onZoom(
        this.scales.time.ms(Math.max(from, this.scales.time.left)),
        this.scales.time.ms(Math.min(to, this.scales.time.right)),
      );
  }

  #endDrag() {
    this.#drag = null;
    this.querySelector(".selection")?.setAttribute("visibility", "hidden");
  }

  #select(one, other) {
    const { left, right } = this.scales.time;
    const [from, to] = [one, other].map((x) => Math.min(Math.max(x, left), right)).sort((a, b) => a - b);
    const box = this.querySelector(".selection");
    box.setAttribute("x", from);
    box.setAttribute("width", to - from);
    box.setAttribute("visibility", "visible");
  }

  #key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const { middles } = this.scales ?? {};
    if (!middles?.length || (step === undefined && event.key !== "Home" && event.key !== "End")) return;
    event.preventDefault();
    const last = middles.length - 1;
    const wanted =
      event.key === "Home"
        ? 0
        : event.key === "End"
          ? last
          : (this.#index ?? (step > 0 ? -1 : last + 1)) + step;
    const index = Math.min(Math.max(wanted, 0), last);
    pointAt(middles[index], this);
    this.querySelector("output").textContent = this.#reading(index)
      .map((line) => line.join(" "))
      .join(", ");
  }

  #mark(ms, isOwn) {
    const cursor = this.querySelector(".cursor");
    const tip = this.querySelector(".tip");
    if (!cursor || !this.scales) return;
    const { time, middles } = this.scales;
    const isInside = ms !== null && ms >= this.#data.from && ms <= this.#data.to && middles.length > 0;
    cursor.setAttribute("visibility", isInside ? "visible" : "hidden");
    tip.hidden = !(isInside && isOwn);
    this.#index = isInside ? nearest(middles, ms) : null;
    if (!isInside) return;
    const x = time.at(middles[this.#index]);
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    if (!isOwn) return;
    const lines = this.#reading(this.#index).map(([name, value, tone]) =>
      h(
        "div",
        { class: "reading" },
        tone ? h("i", { class: `swatch ${tone}` }) : null,
        h("span", null, name),
        h("b", null, value),
      ),
    );
    tip.replaceChildren(...lines);
    const half = tip.offsetWidth;
    tip.style.setProperty("left", `${x + 14 + half > this.#width ? Math.max(0, x - 14 - half) : x + 14}px`);
  }

  #reading(i) {
    const data = this.#data;
    const when = data.ends ? span(data.starts[i], data.ends[i]) : fullStamp(data.starts[i]);
    const lines = [[when, ""]];
    for (const line of data.lines ?? []) {
      if (isKnown(line.values[i]))
        lines.push([line.name, data.format(line.values[i]), line.tone ?? "observed"]);
    }
    if (data.bars && isKnown(data.bars.values[i]))
      lines.push([data.bars.name, data.format(data.bars.values[i]), data.bars.tone ?? "observed"]);
    for (const band of bandsOf(data)) {
      if (!isKnown(band.low[i])) continue;
      const reach = `${data.format(band.low[i])} to ${data.format(band.high[i])}`;
      lines.push([band.name, reach, `band ${band.tone ?? ""}`]);
    }
    if (lines.length === 1) lines.push(["no data", ""]);
    return lines;
  }
}

// The reader's choice of what is the same: a live update that brings nothing new draws nothing.
function same(one, other) {
  return (
    one.source !== undefined &&
    one.source === other.source &&
    one.beside === other.beside &&
    one.from === other.from &&
    one.to === other.to &&
    one.zone === other.zone &&
    one.height === other.height &&
    one.by === other.by
  );
}

function nearest(middles, ms) {
  let low = 0;
  let high = middles.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (middles[middle] < ms) low = middle;
    else high = middle;
  }
  return Math.abs(middles[low] - ms) <= Math.abs(middles[high] - ms) ? low : high;
}

customElements.define("wk-chart", TimeChart);
