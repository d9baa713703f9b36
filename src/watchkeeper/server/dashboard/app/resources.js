// What the views read: answers of the API, kept while they are shown, asked again when told so.
// A view calls `read` while it renders; it is rendered again when an answer comes.

import { get } from "./api.js";

const MOST_KEPT = 80;
const SLOW_MS = 150; // nobody sees a skeleton flash

const kept = new Map();
const slots = new Map();
let used = new Set();
let changed = () => {};
let rejected = () => {};

export function whenChanged(callback) {
  changed = callback;
}

export function whenRejected(callback) {
  rejected = callback;
}

// Returns {value, error, isSlow}; value stays the last good one while a newer is on its way. With a
// slot, also while what is asked for there changes, as when a range of time moves on.
export function read(path, slot) {
  const entry = entryOf(path);
  if (!slot) return entry;
  if (entry.value !== undefined) slots.set(slot, entry.value);
  else if (!entry.error && slots.has(slot)) return { value: slots.get(slot), error: null, isSlow: false };
  return entry;
}

function entryOf(path) {
  used.add(path);
  const entry = kept.get(path) ?? {
    value: undefined,
    error: null,
    isSlow: false,
    asked: null,
    etag: null,
    isStale: true,
  };
  kept.delete(path);
  kept.set(path, entry); // the last used are kept longest
  if (entry.isStale && !entry.asked) ask(path, entry).then(changed);
  return entry;
}

export function beginRender() {
  used = new Set();
}

export function endRender() {
  for (const path of kept.keys()) {
    if (kept.size <= MOST_KEPT) break;
    if (!used.has(path)) kept.delete(path);
  }
}

// Asks again for all that is shown; the rest is asked when it is next shown.
export async function refresh() {
  for (const entry of kept.values()) entry.isStale = true;
  const shown = [...used].filter((path) => kept.has(path));
  await Promise.all(shown.map((path) => ask(path, kept.get(path))));
  changed();
}

export function forget() {
  kept.clear();
  slots.clear();
}

// Another view: its slots are not those of the last one.
export function leaveView() {
  slots.clear();
}

export function isEverythingRead() {
  return [...used].every((path) => !kept.get(path)?.asked);
}

async function ask(path, entry) {
  if (entry.asked) return entry.asked;
  const slow = setTimeout(() => {
    if (entry.value === undefined) {
      entry.isSlow = true;
      changed();
    }
  }, SLOW_MS);
  entry.asked = (async () => {
    try {
      const { value, etag, isSame } = await get(path, {
        etag: entry.value === undefined ? null : entry.etag,
      });
      if (!isSame) entry.value = value;
      entry.etag = etag;
      entry.error = null;
    } catch (error) {
      entry.error = error;
      if (error.status === 401) rejected();
      if (error.status === 404) entry.value = undefined;
    } finally {
      clearTimeout(slow);
      entry.isStale = false;
      entry.isSlow = false;
      entry.asked = null;
    }
  })();
  return entry.asked;
}
