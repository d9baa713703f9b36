// <wk-heatmap>: how far each column was from its expectation, bucket by bucket, on one canvas.
//
// data: {label, answer, from, to, columns, onOpen(column), onZoom}; answer as of the API's heatmap,
// columns the order to draw: indices into answer.columns.

import { h } from "../dom.js";
import { colour } from "../theme.js";
import { span } from "../zone.js";
import { follow, pointAt } from "./crosshair.js";
import { NONE, PER_SPREAD, bytes, colours } from "./heat_colours.js";
import { timeScale } from "./plot.js";
import { timeTicks } from "./ticks.js";

const AXIS = 24;

class Heatmap extends HTMLElement {
  #data = null;
  #width = 0;
  #cells = null;
  #at = null; // [row, bucket] that the cursor reads
  #canvas = h("canvas", { "aria-hidden": "true" });
  #marks = h("div", { class: "heat-mark", hidden: true });
  #line = h("div", { class: "heat-line", hidden: true });
  #tip = h("div", { class: "tip", hidden: true });
  #said = h("output", { class: "unseen" });
  #size = new ResizeObserver(([entry]) => this.#resized(entry.contentRect.width));
  #redraw = () => this.#width && this.#draw();
  #unfollow = null;

  set data(data) {
    const isSame =
      this.#data?.answer === data.answer &&
      this.#data.zone === data.zone &&
      String(this.#data.columns) === String(data.columns);
    if (this.#data?.answer !== data.answer) this.#cells = null;
    this.#data = data;
    if (!isSame && this.isConnected && this.#width) this.#draw();
  }

  get data() {
    return this.#data;
  }

  connectedCallback() {
    this.tabIndex = 0;
    this.setAttribute("role", "application");
    this.setAttribute("aria-roledescription", "heat map");
    this.replaceChildren(this.#canvas, this.#line, this.#marks, this.#tip, this.#said);
    this.style.setProperty("height", `${this.#height()}px`);
    this.#size.observe(this);
    this.#unfollow = follow((ms, source) => source !== this && this.#follow(ms));
    addEventListener("themechange", this.#redraw);
    this.onpointermove = (event) => this.#point(event);
    this.onpointerleave = () => {
      this.#read(null);
      pointAt(null, this);
    };
    this.onclick = (event) => {
      this.#point(event);
      this.#open();
    };
    this.onkeydown = (event) => this.#key(event);
    this.onblur = () => {
      this.#read(null);
      pointAt(null, this);
    };
  }

  disconnectedCallback() {
    this.#size.disconnect();
    this.#unfollow?.();
    removeEventListener("themechange", this.#redraw);
  }

  #rowHeight() {
    const rows = this.#data.columns.length;
    return rows <= 16 ? 22 : rows <= 40 ? 16 : 12;
  }

  #height() {
    return this.#data.columns.length * this.#rowHeight() + AXIS;
  }

  #left() {
    return Math.min(190, Math.max(92, this.#width * 0.2));
  }

  #resized(width) {
    if (width < 80 || Math.abs(width - this.#width) < 1) return;
    this.#width = width;
    this.#draw();
  }

  #draw() {
    const { answer, columns, from, to } = this.#data;
    const buckets = answer.starts.length;
    const [row, height, left] = [this.#rowHeight(), this.#height(), this.#left()];
    const ratio = devicePixelRatio || 1;
    this.#canvas.width = Math.round(this.#width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#canvas.style.setProperty("width", `${this.#width}px`);
    this.#canvas.style.setProperty("height", `${height}px`);
    this.style.setProperty("height", `${height}px`);
    this.setAttribute(
      "aria-label",
      `${this.#data.label}. Arrow keys move over columns and buckets, Enter opens the column.`,
    );
    const scale = timeScale(from, to, this.#width);
    this.time = {
      at: (ms) => left + ((ms - from) / (to - from)) * (this.#width - left),
      ms: (x) => from + ((x - left) / (this.#width - left)) * (to - from),
      left,
      right: this.#width,
      scale,
    };
    const context = this.#canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.#width, height);
    this.#paintCells(context, columns, buckets, row);
    this.#paintNames(context, columns, row, left);
    this.#paintAxis(context, height);
    const isThere = this.#at && this.#at[0] < columns.length && this.#at[1] < buckets;
    this.#read(isThere ? this.#at : null);
  }

  #paintCells(context, columns, buckets, row) {
    if (!buckets) return;
    this.#cells ??= bytes(this.#data.answer.drift);
    const palette = colours();
    const image = new ImageData(buckets, columns.length);
    const pixels = new Uint32Array(image.data.buffer);
    columns.forEach((column, line) => {
      for (let i = 0; i < buckets; i += 1)
        pixels[line * buckets + i] = palette[this.#cells[column * buckets + i]];
    });
    const sheet = new OffscreenCanvas(buckets, columns.length);
    sheet.getContext("2d").putImageData(image, 0, 0);
    const { starts, ends } = this.#data.answer;
    const x = this.time.at(Date.parse(starts[0]));
    const width = this.time.at(Date.parse(ends[buckets - 1])) - x;
    context.imageSmoothingEnabled = width < buckets; // more buckets than pixels are averaged
    context.drawImage(sheet, x, 0, width, columns.length * row);
    context.fillStyle = colour("paper");
    if (row >= 16)
      for (let line = 1; line < columns.length; line += 1) context.fillRect(x, line * row - 0.5, width, 1);
  }

  #paintNames(context, columns, row, left) {
    context.font = `${Math.min(13, row - 1)}px ${getComputedStyle(this).fontFamily}`;
    context.textBaseline = "middle";
    context.textAlign = "right";
    columns.forEach((column, line) => {
      const { name, segment, worst } = this.#data.answer.columns[column];
      context.fillStyle = colour(worst >= 4 ? "ink" : "quiet");
      context.fillText(
        fitted(context, segment ? `${name} · ${segment}` : name, left - 12),
        left - 10,
        line * row + row / 2 + 0.5,
      );
    });
  }

  #paintAxis(context, height) {
    const { from, to } = this.#data;
    context.font = `12px ${getComputedStyle(this).fontFamily}`;
    context.fillStyle = colour("quiet");
    for (const tick of timeTicks(from, to, Math.max(3, Math.floor((this.#width - this.time.left) / 76)))) {
      const x = this.time.at(tick.at);
      context.textAlign = x > this.#width - 24 ? "right" : x < this.time.left + 12 ? "left" : "center";
      context.fillText(tick.text, x, height - 8);
      context.fillRect(Math.min(x, this.#width - 1), height - AXIS + 1, 1, 4);
    }
  }

  #point(event) {
    const box = this.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const line = Math.floor(y / this.#rowHeight());
    if (!this.time || line < 0 || line >= this.#data.columns.length) return this.#read(null);
    const bucket = this.#bucketAt(this.time.ms(Math.max(x, this.time.left)));
    this.#read([line, bucket]);
    return pointAt(x < this.time.left ? null : this.time.ms(x), this);
  }

  #bucketAt(ms) {
    const { starts } = this.#data.answer;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (Date.parse(starts[middle]) <= ms) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #key(event) {
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    if (event.key === "Enter") return this.#open();
    const move = moves[event.key];
    if (!move || !this.#data.answer.starts.length) return undefined;
    event.preventDefault();
    const buckets = this.#data.answer.starts.length;
    const [line, bucket] = this.#at ?? [
      move[0] < 0 ? 1 : move[0] ? -1 : 0,
      move[1] > 0 ? -1 : buckets - (move[1] ? 0 : 1),
    ];
    const next = [clamp(line + move[0], this.#data.columns.length), clamp(bucket + move[1], buckets)];
    this.#read(next);
    const middle =
      (Date.parse(this.#data.answer.starts[next[1]]) + Date.parse(this.#data.answer.ends[next[1]])) / 2;
    this.#said.textContent = this.#words(next).join(", ");
    return pointAt(middle, this);
  }

  #open() {
    if (this.#at) this.#data.onOpen(this.#data.answer.columns[this.#data.columns[this.#at[0]]]);
  }

  #words([line, bucket]) {
    const { answer, columns } = this.#data;
    const { name, segment } = answer.columns[columns[line]];
    const value = this.#cells[columns[line] * answer.starts.length + bucket];
    const drift =
      value === NONE
        ? "not judged"
        : value >= 254
          ? "10 spreads away, or more"
          : `${(value / PER_SPREAD).toFixed(1)} spreads away`;
    const when = span(Date.parse(answer.starts[bucket]), Date.parse(answer.ends[bucket]));
    return [
      segment ? `${name} · ${segment}` : name,
      drift,
      when,
      `${answer.rows[bucket].toLocaleString("en-US")} rows`,
    ];
  }

  #read(at) {
    this.#at = at;
    this.#tip.hidden = this.#marks.hidden = at === null || !this.#data.answer.starts.length;
    this.classList.toggle("reads", !this.#tip.hidden);
    if (this.#tip.hidden) return;
    const [line, bucket] = at;
    const row = this.#rowHeight();
    const x = this.time.at(Date.parse(this.#data.answer.starts[bucket]));
    const end = this.time.at(Date.parse(this.#data.answer.ends[bucket]));
    place(this.#marks, { left: x, top: line * row, width: Math.max(3, end - x), height: row });
    const [name, ...rest] = this.#words(at);
    this.#tip.replaceChildren(h("b", null, name), ...rest.map((text) => h("div", null, text)));
    const wide = this.#tip.offsetWidth;
    const below = (line + 1) * row + 8;
    place(this.#tip, { left: x + wide + 12 > this.#width ? Math.max(0, x - wide - 8) : x + 12, top: below });
  }

  #follow(ms) {
    this.#line.hidden = ms === null || !this.time || ms < this.#data.from || ms > this.#data.to;
    if (!this.#line.hidden)
      place(this.#line, { left: this.time.at(ms), top: 0, height: this.#height() - AXIS });
  }
}

function fitted(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  // Of contributions, which all begin alike, the feature tells more.
  if (text.startsWith("explanation:")) return fitted(context, text.replace("explanation", "ex…"), width);
  let end = text.length;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > width)
    end -= Math.max(1, Math.floor(end / 12));
  return `${text.slice(0, end)}…`;
}

function place(node, box) {
  for (const [name, value] of Object.entries(box)) node.style.setProperty(name, `${value}px`);
}

function clamp(value, size) {
  return Math.min(Math.max(value, 0), size - 1);
}

customElements.define("wk-heatmap", Heatmap);
