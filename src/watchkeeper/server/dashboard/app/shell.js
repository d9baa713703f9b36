// What stands around every view: name, places, time, connection, and how to leave.

import { h } from "./dom.js";
import { openHelp } from "./keyboard.js";
import { link } from "./router.js";
import { openTimeDialog } from "./time_dialog.js";
import { rangeText } from "./time_range.js";
import { zone } from "./zone.js";

const PLACES = [
  ["fleet", "Fleet", []],
  ["incidents", "Incidents", ["incidents"]],
  ["predictions", "Predictions", ["predictions"]],
  ["alerts", "Alerts", ["alerts"]],
  ["audit", "Audit", ["audit"]],
  ["settings", "Settings", ["settings"]],
];

export function masthead({ section, access, range, isReachable, signOut }) {
  return h(
    "header",
    { class: "masthead" },
    h(
      "a",
      { class: "brand", href: link([]) },
      h("img", { src: "/icon.svg", width: 20, height: 20, alt: "" }),
      h("span", null, "Watchkeeper"),
    ),
    access
      ? h(
          "nav",
          { class: "places", "aria-label": "Views" },
          PLACES.map(([name, text, pieces]) =>
            h("a", { key: name, href: link(pieces), "aria-current": name === section ? "page" : null }, text),
          ),
        )
      : h("span", { class: "places" }),
    h(
      "div",
      { class: "ends" },
      access && range
        ? h(
            "button",
            {
              type: "button",
              class: "time-button",
              "data-time": true,
              "aria-haspopup": "dialog",
              title: "Time and zone (t)",
              on: { click: openTimeDialog },
            },
            rangeText(range),
            h("small", null, zone()),
          )
        : null,
      access
        ? h("span", {
            class: `live ${isReachable ? "" : "lost"}`,
            title: isReachable ? "Live: what is shown is the newest" : "No connection",
            role: "img",
            "aria-label": isReachable ? "Live" : "Not connected",
          })
        : null,
      h(
        "button",
        {
          type: "button",
          class: "plain help-button",
          "aria-label": "Keyboard shortcuts",
          title: "Keyboard shortcuts (?)",
          on: { click: openHelp },
        },
        "?",
      ),
      access?.needs_key && access.csrf
        ? h("button", { type: "button", class: "plain", on: { click: signOut } }, "Sign out")
        : null,
    ),
  );
}

export function banner({ isReachable, lostSince }) {
  if (isReachable) return null;
  return h(
    "p",
    { class: "lost-banner", key: "lost" },
    h("strong", null, "The server does not answer."),
    ` What you see is from ${lostSince} and may have changed. Trying again every two seconds.`,
  );
}
