// What keys do: move between views and rows, find, choose a time, help.

import { closeDialog, isDialogOpen, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { go, link } from "./router.js";
import { openTimeDialog } from "./time_dialog.js";

const PLACES = { f: [], i: ["incidents"], p: ["predictions"], a: ["alerts"], u: ["audit"], s: ["settings"] };
const HELP = [
  [["/"], "Find: the filter of this view"],
  [["t"], "Choose time and zone"],
  [["j"], "Next row"],
  [["k"], "Previous row"],
  [["Enter"], "Open the row"],
  [["←", "→"], "In a chart: read the values"],
  [["g", "f"], "Fleet"],
  [["g", "i"], "Incidents"],
  [["g", "p"], "Predictions"],
  [["g", "a"], "Alerts"],
  [["g", "u"], "Audit"],
  [["g", "s"], "Settings"],
  [["Esc"], "Close, or leave the filter"],
  [["?"], "This help"],
];
const PREFIX_MS = 1200;

let prefixAt = 0;

export function startKeyboard() {
  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return;
    if (isTyping(event.target)) {
      if (event.key === "Escape" && !isDialogOpen()) event.target.blur();
      return;
    }
    if (isDialogOpen()) return;
    if (act(event.key)) event.preventDefault();
  });
}

function act(key) {
  if (performance.now() - prefixAt < PREFIX_MS) {
    prefixAt = 0;
    if (PLACES[key]) {
      go(link(PLACES[key]));
      return true;
    }
  }
  if (key === "g") prefixAt = performance.now();
  else if (key === "/") return focusSearch();
  else if (key === "?") openHelp();
  else if (key === "t" && document.querySelector("[data-time]")) openTimeDialog();
  else if (key === "j") return move(1);
  else if (key === "k") return move(-1);
  else if (key === "Escape") document.activeElement?.blur();
  else return false;
  return true;
}

function focusSearch() {
  const field = document.querySelector("main [data-search]");
  field?.focus();
  field?.select?.();
  return Boolean(field);
}

function move(step) {
  const rows = [...document.querySelectorAll("main [data-row]")].filter((row) => row.offsetParent);
  if (!rows.length) return false;
  const at = rows.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1);
  rows[next].focus();
  rows[next].scrollIntoView({ block: "nearest" });
  return true;
}

export function openHelp() {
  const rows = HELP.map(([keys, text]) =>
    h(
      "div",
      null,
      h(
        "dt",
        null,
        keys.map((key) => h("kbd", null, key)),
      ),
      h("dd", null, text),
    ),
  );
  openDialog({
    title: "Keyboard",
    className: "help",
    content: h(
      "div",
      null,
      h("dl", { class: "keys" }, rows),
      h("button", { type: "button", class: "main", autofocus: true, on: { click: closeDialog } }, "Close"),
    ),
  });
}

function isTyping(target) {
  return (
    target.closest?.("input, textarea, select, [contenteditable]") !== null && target.type !== "checkbox"
  );
}
