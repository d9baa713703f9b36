// How this server and its models are set up, and how this browser shows them.

import { path } from "../api.js";
import { h } from "../dom.js";
import { cell, size } from "../format.js";
import { choice, facts } from "../parts/facts.js";
import { moment } from "../parts/moment.js";
import { body, panel } from "../parts/panel.js";
import { table } from "../parts/table.js";
import { read } from "../resources.js";
import { setTheme, theme } from "../theme.js";
import { chooseZone } from "../time_dialog.js";
import { allZones, browserZone, isZone, zone } from "../zone.js";

let wrong = "";

export const settings = {
  title: () => "Settings",
  section: "settings",
  render: (context) => [
    h("h1", { class: "title" }, "Settings"),
    browserPanel(context),
    body(
      [read(path(["settings"]))],
      (answer) => [serverPanel(answer, context), modelsPanel(answer), alertsPanel(answer), keysPanel(answer)],
      320,
    ),
  ],
};

function browserPanel({ rerender }) {
  const set = (event) => {
    const name = event.target.value.trim();
    wrong = isZone(name) ? "" : `There is no time zone ${name}; try UTC or Europe/Berlin.`;
    if (wrong) rerender();
    else chooseZone(name);
  };
  return panel({ id: "browser", title: "This browser" }, () =>
    h(
      "div",
      { class: "form-rows" },
      h(
        "div",
        { class: "form-row" },
        h("span", null, "Theme"),
        choice(
          "Theme",
          [
            ["system", "System"],
            ["light", "Light"],
            ["dark", "Dark"],
          ],
          theme(),
          (name) => {
            setTheme(name);
            rerender();
          },
        ),
      ),
      h(
        "div",
        { class: "form-row" },
        h("label", { for: "settings-zone" }, "Time zone"),
        h(
          "div",
          null,
          h("input", {
            id: "settings-zone",
            list: "all-zones",
            value: zone(),
            "data-search": true,
            autocomplete: "off",
            spellcheck: "false",
            on: { change: set },
          }),
          h(
            "datalist",
            { id: "all-zones" },
            allZones().map((name) => h("option", { key: name, value: name })),
          ),
          h("button", { type: "button", on: { click: () => chooseZone("UTC") } }, "UTC"),
          h("button", { type: "button", on: { click: () => chooseZone(null) } }, "Browser's"),
          h(
            "small",
            null,
            wrong
              ? h("span", { class: "wrong", role: "alert" }, wrong)
              : `This browser's zone is ${browserZone()}.`,
          ),
        ),
      ),
    ),
  );
}

function serverPanel({ server }, { access }) {
  const { version, project, needs_key: needsKey, ...rest } = server;
  return panel({ id: "server", title: "Server" }, () =>
    facts([
      ["Version", version],
      ["Project", project],
      ["Access", needsKey ? "with a key" : "without a key, from this machine only"],
      ["You may", access.scopes.join(", "), access.key ? `key ${access.key}` : null],
      ...flat(rest),
    ]),
  );
}

function modelsPanel({ models }) {
  const names = Object.keys(models ?? {});
  return panel(
    {
      id: "operating",
      title: "Models' operating settings",
      note: "In force in this store; changed by watchkeeper apply STORE --config watchkeeper.yaml.",
    },
    () =>
      names.length
        ? names.map((name) =>
            h(
              "details",
              { key: name, open: names.length === 1 },
              h("summary", null, name),
              revision(models[name]),
            ),
          )
        : h(
            "p",
            { class: "quiet" },
            "No model has any: no objectives, costs, privacy or retention of its own.",
          ),
  );
}

function alertsPanel({ alerts }) {
  return panel(
    {
      id: "alert-settings",
      title: "Alerts",
      note: "Without secrets; changed by watchkeeper alerts set STORE alerts.yaml.",
    },
    () => (alerts ? revision(alerts) : h("p", { class: "quiet" }, "No channel is set up.")),
  );
}

function revision({ settings: inForce, actor, created_at: at }) {
  return [
    h("p", { class: "explain" }, `By ${actor}, `, moment(at)),
    h("pre", null, JSON.stringify(inForce, null, 2)),
  ];
}

function keysPanel({ keys }) {
  return panel(
    { id: "keys", title: "Keys", note: "Made and revoked on the server's machine by watchkeeper keys." },
    () => {
      if (!keys) return h("p", { class: "quiet" }, "Only a key with the scope admin sees the others.");
      if (!keys.length) return h("p", { class: "quiet" }, "There is none.");
      return table({
        label: "Keys",
        rows: keys,
        key: ({ key_id: id }) => id,
        className: "cards",
        rowClass: (one) => (one.revoked_at ? "is-over" : null),
        columns: [
          { name: "name", title: "Name", cell: (one) => [one.name, h("small", null, one.key_id)] },
          { name: "scopes", title: "Scopes", cell: (one) => one.scopes.join(", ") },
          { name: "created", title: "Made", className: "nowrap", cell: (one) => moment(one.created_at) },
          {
            name: "used",
            title: "Last used",
            className: "nowrap",
            cell: (one) => moment(one.last_used_at, { relative: true, none: "never" }),
          },
          {
            name: "state",
            title: "Ends",
            className: "nowrap",
            cell: (one) =>
              one.revoked_at
                ? ["revoked ", moment(one.revoked_at)]
                : moment(one.expires_at, { none: "never" }),
          },
        ],
      });
    },
  );
}

function flat(named, prefix = "") {
  return Object.entries(named).flatMap(([name, value]) => {
    const title = `${prefix}${name.replaceAll("_", " ")}`;
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return flat(value, prefix);
    const said = name.includes("bytes") && typeof value === "number" ? size(value) : cell(value);
    return [[title.charAt(0).toUpperCase() + title.slice(1), said]];
  });
}
