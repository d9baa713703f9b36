// Where notices go, what was delivered, and what could not be.

import { path, send } from "../api.js";
import { h } from "../dom.js";
import { count } from "../format.js";
import { capital } from "../parts/badges.js";
import { choice, copyable } from "../parts/facts.js";
import { moment } from "../parts/moment.js";
import { body, nothing, panel } from "../parts/panel.js";
import { table } from "../parts/table.js";
import { refreshNow } from "../pulse.js";
import { read } from "../resources.js";
import { go, here, link } from "../router.js";

const STATUSES = [
  ["", "All"],
  ["waiting", "Waiting"],
  ["sent", "Sent"],
  ["held", "Held"],
  ["dead", "Dead letters"],
];
const said = new Map(); // what a button of this page did, by what it was pressed on

export const alerts = {
  title: () => "Alerts",
  section: "alerts",
  render: (context) => {
    const status = context.query.get("status") ?? "";
    return [
      h("h1", { class: "title" }, "Alerts"),
      body(
        [read(path(["alerts"], { status: status || null, limit: 200 }), "alerts")],
        ({ channels, routes, notices }) => [
          channelPanel(channels, routes, context),
          noticePanel(notices, status, context),
        ],
        320,
      ),
    ];
  },
};

function channelPanel(channels, routes, context) {
  return panel({ id: "channels", title: "Channels" }, () =>
    channels.length
      ? table({
          label: "Channels",
          rows: channels,
          key: ({ name }) => name,
          className: "cards",
          columns: [
            { name: "name", title: "Channel", cell: ({ name }) => name },
            { name: "kind", title: "Kind", cell: ({ kind }) => kind },
            { name: "routes", title: "Gets", cell: ({ name }) => gets(name, routes) },
            {
              name: "state",
              title: "State",
              cell: (one) => [
                h("span", { class: `channel-${one.state}` }, capital(one.state)),
                h(
                  "small",
                  null,
                  counted(one),
                  one.last_sent_at
                    ? [one.sent ? ", last " : "last ", moment(one.last_sent_at, { relative: true })]
                    : null,
                ),
              ],
            },
            {
              name: "test",
              title: "Try",
              cell: ({ name }) => act(`test ${name}`, "Send a test", () => tried(name), "Taken", context),
            },
          ],
        })
      : nothing("Nobody is told yet.", [
          h("p", { class: "explain" }, "Write channels and routes into alerts.yaml, then:"),
          copyable("watchkeeper alerts set STORE alerts.yaml"),
        ]),
  );
}

// What a channel gets, by the routes that name it; the first route that fits an incident decides.
function gets(name, routes) {
  const own = routes.filter(({ channels }) => channels.includes(name));
  return own.length ? own.map(described).join("; ") : "nothing";
}

function described({ models, severity, sources, quiet }) {
  const parts = [
    severity && `${severity} only`,
    sources && sources.join(", "),
    models && `of ${models.join(", ")}`,
    quiet && "not in quiet hours",
  ].filter(Boolean);
  return parts.length ? parts.join(", ") : "everything";
}

function counted({ waiting, held, sent, dead }) {
  return [
    [sent, "sent"],
    [waiting, "waiting"],
    [held, "held"],
    [dead, "dead"],
  ]
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${count(number)} ${word}`)
    .join(", ");
}

function noticePanel(notices, status, context) {
  return panel(
    {
      id: "deliveries",
      title: "Deliveries",
      note: "Once when an incident opens, when it gets worse, and when it is over. What could not be delivered after all attempts is a dead letter, and can be sent again.",
      tools: choice("Status", STATUSES, status, (value) => go(here({ status: value }))),
    },
    () =>
      notices.length
        ? table({
            label: "Deliveries",
            rows: notices,
            key: ({ number }) => number,
            className: "cards",
            columns: [
              {
                name: "incident",
                title: "Incident",
                cell: (one) => [
                  h(
                    "a",
                    { href: link(["incidents", one.incident]), class: "over", "data-row": true },
                    `${one.model}`,
                  ),
                  h("small", null, capital(one.event)),
                ],
              },
              { name: "channel", title: "Channel", cell: ({ channel }) => channel },
              {
                name: "status",
                title: "Status",
                cell: (one) => [
                  h(
                    "span",
                    { class: `notice-${one.status}` },
                    one.status === "dead" ? "Dead letter" : capital(one.status),
                  ),
                  one.last_error ? h("small", null, one.last_error) : null,
                ],
              },
              {
                name: "attempts",
                title: "Attempts",
                isNumber: true,
                cell: ({ attempts }) => String(attempts),
              },
              { name: "created", title: "Since", className: "nowrap", cell: (one) => moment(one.created_at) },
              {
                name: "act",
                title: "",
                cell: (one) =>
                  one.status === "dead"
                    ? act(
                        one.number,
                        "Send again",
                        () => send("POST", path(["alerts", String(one.number), "retry"])),
                        "On its way",
                        context,
                      )
                    : one.status === "waiting"
                      ? h("small", null, "next ", moment(one.due_at))
                      : "",
              },
            ],
          })
        : nothing(status ? "No delivery is like this." : "Nothing was sent yet."),
  );
}

async function tried(channel) {
  const { taken, said: answer } = await send("POST", path(["alerts", "test"]), { channel });
  if (!taken) throw new Error(answer);
}

function act(key, text, call, done, { access, rerender }) {
  const now = said.get(key);
  const press = async () => {
    said.set(key, { text: "Working…", isBusy: true });
    rerender();
    try {
      await call();
      said.set(key, { text: done });
      await refreshNow();
    } catch (error) {
      said.set(key, { text: error.message, isWrong: true });
    }
    rerender();
  };
  return [
    h(
      "button",
      { type: "button", disabled: now?.isBusy || !access?.scopes.includes("admin"), on: { click: press } },
      text,
    ),
    now ? h("small", { role: "status", class: now.isWrong ? "wrong" : null }, now.text) : null,
  ];
}
