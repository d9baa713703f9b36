// The bytes of a heat map, and the colour of each.

import { colour } from "../theme.js";

export const NONE = 255;
export const PER_SPREAD = 25; // the API's unit: 25 steps to one usual spread

// Base64 as of the API.
export function bytes(text) {
  const raw = atob(text);
  const found = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i += 1) found[i] = raw.charCodeAt(i);
  return found;
}

// From calm through noticeable (2 spreads) to far (4 and more); 255 shows the paper.
export function colours() {
  const stops = [
    [0, rgb("heat-0")],
    [2, rgb("heat-1")],
    [3, rgb("heat-2")],
    [4.5, rgb("heat-3")],
    [10.2, rgb("heat-4")],
  ];
  const palette = new Uint32Array(256);
  for (let value = 0; value < NONE; value += 1) {
    const drift = value / PER_SPREAD;
    const i = Math.max(
      1,
      stops.findIndex(([end]) => end >= drift),
    );
    const [[begin, low], [end, high]] = [stops[i - 1], stops[i]];
    const part = (drift - begin) / (end - begin);
    const [r, g, b] = low.map((one, k) => Math.round(one + (high[k] - one) * part));
    palette[value] = (255 << 24) | (b << 16) | (g << 8) | r;
  }
  palette[NONE] = 0;
  return palette;
}

function rgb(name) {
  const text = colour(name).slice(1);
  return [0, 2, 4].map((i) => parseInt(text.slice(i, i + 2), 16));
}
