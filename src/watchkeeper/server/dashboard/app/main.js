// The application: starts, and shows the view that the URL names.

import { dropHeadStart, get, send, setCsrf } from "./api.js";
import { closeDialog } from "./dialog.js";
import { h, morphChildren } from "./dom.js";
import { startKeyboard } from "./keyboard.js";
import { problem } from "./parts/panel.js";
import { startPulse, stopPulse } from "./pulse.js";
import {
  beginRender,
  endRender,
  forget,
  isEverythingRead,
  leaveView,
  whenChanged,
  whenRejected,
} from "./resources.js";
import { current, go, route, start } from "./router.js";
import { banner, masthead } from "./shell.js";
import { applyTheme, remembered } from "./theme.js";
import { setShownRange } from "./time_dialog.js";
import { alerts } from "./views/alerts.js";
import { audit } from "./views/audit.js";
import { column } from "./views/column.js";
import { fleet } from "./views/fleet.js";
import { incident } from "./views/incident.js";
import { incidents } from "./views/incidents.js";
import { login } from "./views/login.js";
import { missing } from "./views/missing.js";
import { model } from "./views/model.js";
import { prediction } from "./views/prediction.js";
import { predictions } from "./views/predictions.js";
import { settings } from "./views/settings.js";
import { clock, setZone } from "./zone.js";

const state = { access: null, isReachable: true, lostSince: "", isScheduled: false, isPainted: false };

route("/", fleet);
route("/models/<model>", model);
route("/models/<model>/columns/<column>", column);
route("/models/<model>/predictions/<id>", prediction);
route("/incidents", incidents);
route("/incidents/<id>", incident);
route("/predictions", predictions);
route("/alerts", alerts);
route("/audit", audit);
route("/settings", settings);
route("/login", login);

function schedule() {
  if (state.isScheduled) return;
  state.isScheduled = true;
  queueMicrotask(() => {
    state.isScheduled = false;
    render();
  });
}

function render() {
  const { view: found, params, query } = current();
  const view = found ?? missing;
  setZone(query.get("tz") ?? remembered("zone"));
  const context = { params, query, access: state.access, rerender: schedule, enter, range: null };
  beginRender();
  let content;
  try {
    content = state.access || view === login ? view.render(context) : null;
  } catch (error) {
    content = problem(error);
    console.error(error);
  }
  endRender();
  setShownRange(context.range);
  document.title = `${view.title(context)} · Watchkeeper`;
  const page = document.getElementById("page");
  morphChildren(page, [
    masthead({
      section: view.section,
      access: view === login ? null : state.access,
      range: context.range,
      isReachable: state.isReachable,
      signOut,
    }),
    h("div", { id: "banner", role: "status" }, banner(state)),
    h("main", { id: "main", tabindex: "-1", class: view.section ?? "", key: location.pathname }, content),
  ]);
  const isReady = isEverythingRead() && (state.access !== null || view === login);
  document.documentElement.dataset.state = isReady ? "ready" : "reading";
  if (isReady) notePainted();
}

// For measuring: when everything of the first view was on the screen, since the navigation began.
function notePainted() {
  if (state.isPainted) return;
  state.isPainted = true;
  requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("painted")));
}

function navigated({ isSameView, isBack }) {
  if (!isSameView) {
    closeDialog();
    leaveView();
  }
  render();
  if (isSameView || isBack) return;
  scrollTo(0, 0);
  document.getElementById("main").focus({ preventScroll: true });
}

// Finds out who this is; without a good key, asks for one.
async function enter() {
  try {
    const { value } = await get("/v1/access");
    setCsrf(value.csrf);
    state.access = value;
    state.isReachable = true;
    startPulse(report);
    render();
    return true;
  } catch (error) {
    if (error.status === 401) askForKey();
    else {
      report({ isReachable: false });
      setTimeout(enter, 2_000);
    }
    return false;
  }
}

function askForKey() {
  dropHeadStart();
  stopPulse();
  state.access = null;
  forget();
  if (location.pathname !== "/login") {
    go(`/login?next=${encodeURIComponent(location.pathname + location.search)}`, { replace: true });
  } else render();
}

async function signOut() {
  await send("DELETE", "/v1/session").catch(() => {});
  stopPulse();
  state.access = null;
  forget();
  go("/login");
}

function report({ isReachable, error }) {
  if (error?.status === 401) askForKey();
  if (state.isReachable === isReachable) return;
  state.isReachable = isReachable;
  if (!isReachable) state.lostSince = clock(Date.now(), { seconds: true });
  schedule();
}

applyTheme();
whenChanged(schedule);
whenRejected(askForKey);
start(navigated);
startKeyboard();
addEventListener("timechange", schedule);
if (location.pathname === "/login") render();
enter();
