// One moment, pointed at in one chart and marked in all of them.

const listeners = new Set();
let moment = null;

export function pointAt(ms, source) {
  moment = ms;
  for (const listener of listeners) listener(moment, source);
}

export function pointed() {
  return moment;
}

export function follow(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
