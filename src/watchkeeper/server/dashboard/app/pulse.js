// Asks every two seconds whether anything changed, and tells when the server is not to be reached.

import { Unreachable, get } from "./api.js";
import { refresh } from "./resources.js";

const EVERY_MS = 2_000;
const SHARE = 5; // refreshing takes at most a fifth of the time, however slow the answers are

let revision = null;
let etag = null;
let refreshed = { at: 0, took: 0 };
let isRunning = false;
let reported = () => {};

export function startPulse(report) {
  reported = report;
  isRunning = true;
  document.addEventListener("visibilitychange", () => document.hidden || beat());
  addEventListener("online", beat);
  tick();
}

export function stopPulse() {
  isRunning = false;
}

async function tick() {
  if (!isRunning) return;
  if (!document.hidden) await beat();
  setTimeout(tick, EVERY_MS);
}

async function beat() {
  try {
    const answer = await get("/v1/pulse", { etag });
    reported({ isReachable: true });
    if (answer.isSame) return;
    const isNew = revision !== null && answer.value.revision !== revision;
    const isTooSoon = performance.now() - refreshed.at < SHARE * refreshed.took;
    if (isNew && isTooSoon) return; // the next beat sees it still
    [revision, etag] = [answer.value.revision, answer.etag];
    if (isNew) await refreshNow();
  } catch (error) {
    reported({ isReachable: !(error instanceof Unreachable), error });
  }
}

export async function refreshNow() {
  const begun = performance.now();
  await refresh();
  refreshed = { at: performance.now(), took: performance.now() - begun };
}
