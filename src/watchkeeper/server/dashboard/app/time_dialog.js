// Where the time that is shown, and its zone, are chosen.

import { closeDialog, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { go, here } from "./router.js";
import { remember } from "./theme.js";
import { PRESETS, iso } from "./time_range.js";
import { allZones, browserZone, fromWall, isZone, wall, zone } from "./zone.js";

let shown = null;

// The range on the page now, for the fields to begin with.
export function setShownRange(range) {
  shown = range;
}

export function openTimeDialog() {
  const from = field("From", shown?.from);
  const to = field("To", shown?.to);
  const names = h(
    "datalist",
    { id: "zones" },
    allZones().map((name) => h("option", { value: name })),
  );
  const place = h("input", {
    id: "zone",
    list: "zones",
    value: zone(),
    autocomplete: "off",
    spellcheck: "false",
  });
  const wrong = h("p", { class: "wrong", role: "alert" });
  const apply = (event) => {
    event.preventDefault();
    if (!isZone(place.value)) {
      wrong.textContent = `There is no time zone ${place.value}; try UTC or Europe/Berlin.`;
      return;
    }
    const isChanged =
      from.input.value !== from.input.defaultValue || to.input.value !== to.input.defaultValue;
    const begin = moment(from.input.value, place.value);
    const end = moment(to.input.value, place.value);
    if (isChanged && !(begin < end)) {
      wrong.textContent = "The beginning must be before the end.";
      return;
    }
    chooseZone(place.value, isChanged ? { from: iso(begin), to: iso(end), last: null } : {});
  };
  openDialog({
    title: "Time",
    className: "time",
    content: h(
      "form",
      { method: "dialog", on: { submit: apply } },
      h(
        "div",
        { class: "presets" },
        PRESETS.map(([name, text]) =>
          h(
            "button",
            {
              type: "button",
              "aria-pressed": String(shown?.last === name),
              on: { click: () => choose({ last: name, from: null, to: null }) },
            },
            text,
          ),
        ),
        h(
          "button",
          {
            type: "button",
            "aria-pressed": String(["usual", "all"].includes(shown?.last)),
            on: { click: () => choose({ last: null, from: null, to: null }) },
          },
          "What suits",
        ),
      ),
      h("div", { class: "pair" }, from.label, to.label),
      h("label", { for: "zone" }, "Time zone", h("small", null, `This browser's: ${browserZone()}`)),
      place,
      names,
      wrong,
      h(
        "div",
        { class: "buttons" },
        h("button", { type: "button", on: { click: () => chooseZone("UTC") } }, "UTC"),
        h("button", { type: "button", on: { click: () => chooseZone(null) } }, "Browser's zone"),
        h("button", { type: "submit", class: "main" }, "Show"),
      ),
    ),
  });
}

export function chooseZone(name, changes = {}) {
  remember("zone", name);
  choose({ tz: name, ...changes });
}

function choose(changes) {
  closeDialog();
  go(here(changes));
  dispatchEvent(new Event("timechange"));
}

function field(name, ms) {
  const value =
    ms === undefined ? "" : new Date(wall(Math.round(ms / 60_000) * 60_000)).toISOString().slice(0, 16);
  const input = h("input", { type: "datetime-local", value });
  return { input, label: h("label", null, name, input) };
}

function moment(text, name) {
  return text ? fromWall(Date.parse(`${text}Z`), name) : NaN;
}
