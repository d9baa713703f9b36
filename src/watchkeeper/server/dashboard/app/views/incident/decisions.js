// What people decide about an incident: seen, quiet, or the new normal; always with a reason.

import { path, send } from "../../api.js";
import { closeDialog, openDialog } from "../../dialog.js";
import { h } from "../../dom.js";
import { moment } from "../../parts/moment.js";
import { panel } from "../../parts/panel.js";
import { refreshNow } from "../../pulse.js";
import { iso } from "../../time_range.js";
import { DAY, HOUR } from "../../zone.js";

const KINDS = {
  acknowledge: {
    verb: "Acknowledge",
    done: "Acknowledged",
    text: "Says that somebody looks at it. It stays open until the data returns.",
  },
  mute: {
    verb: "Mute",
    done: "Muted",
    text: "No more notices about it. It stays in the lists and closes as usual.",
  },
  unmute: { verb: "Unmute", done: "Unmuted", text: "Notices about it are sent again." },
  adopt: {
    verb: "Adopt as normal",
    done: "Adopted as normal",
    text: "What the data is now becomes what is expected, and the incident closes. A later return to the old state would be news.",
  },
};
const PERIODS = [
  ["", "until it is unmuted"],
  [String(4 * HOUR), "for 4 hours"],
  [String(DAY), "for a day"],
  [String(7 * DAY), "for a week"],
];

// Decisions on their way, by incident, and the last that was refused.
const pending = new Map();
const refused = new Map();

export function withPending(one) {
  const waiting = pending.get(one.id);
  if (!waiting) return one;
  return { ...one, decisions: [...one.decisions, { ...waiting, isPending: true }] };
}

export function decisionButtons(one, context) {
  const may = context.access?.scopes.includes("admin");
  const wrong = refused.get(one.id);
  const kinds = [
    one.is_open && !one.acknowledged && "acknowledge",
    one.is_open && (one.muted ? "unmute" : "mute"),
    one.is_open && !one.adopted && isAdoptable(one) && "adopt",
  ].filter(Boolean);
  if (!kinds.length && !wrong) return null;
  return h(
    "div",
    { class: "decide", key: "decide" },
    kinds.map((kind, i) =>
      h(
        "button",
        {
          type: "button",
          key: kind,
          class: i === 0 ? "main" : null,
          "data-decision": kind,
          disabled: !may || pending.has(one.id),
          on: { click: () => ask(one, kind, context) },
        },
        pending.get(one.id)?.kind === kind ? "Saving…" : `${KINDS[kind].verb}…`,
      ),
    ),
    may ? null : h("p", { class: "quiet" }, "Deciding needs a key with the scope admin."),
    wrong
      ? h(
          "div",
          { class: "problem", role: "alert" },
          h("strong", null, `Not saved: ${wrong.title ?? "the decision was refused"}`),
          h("p", null, wrong.message),
        )
      : null,
  );
}

function ask(one, kind, context) {
  const reason = h("textarea", {
    id: "reason",
    rows: 3,
    required: true,
    maxlength: 1000,
    autofocus: true,
    "aria-describedby": "what",
  });
  const until =
    kind === "mute"
      ? h(
          "select",
          { id: "until" },
          PERIODS.map(([value, text]) => h("option", { value }, text)),
        )
      : null;
  const submit = (event) => {
    event.preventDefault();
    if (!reason.value.trim()) return;
    const end = until?.value ? iso(Date.now() + Number(until.value)) : null;
    closeDialog();
    decide(one, { kind, reason: reason.value.trim(), until: end }, context);
  };
  openDialog({
    title: KINDS[kind].verb,
    className: "decision",
    content: h(
      "form",
      { method: "dialog", on: { submit } },
      h("p", { class: "explain", id: "what" }, KINDS[kind].text),
      h("p", { class: "quoted" }, one.message),
      until ? h("label", { for: "until" }, "How long") : null,
      until,
      h("label", { for: "reason" }, "Reason", h("small", null, "Kept in the audit log, and shown here.")),
      reason,
      h(
        "div",
        { class: "buttons" },
        h("button", { type: "button", on: { click: closeDialog } }, "Cancel"),
        h("button", { type: "submit", class: "main" }, KINDS[kind].verb),
      ),
    ),
  });
}

// Shown at once as being saved; as saved only when the server says so.
async function decide(one, decision, { access, rerender }) {
  pending.set(one.id, { ...decision, actor: access.key || "you", time: iso(Date.now()) });
  refused.delete(one.id);
  rerender();
  try {
    await send("POST", path(["incidents", one.id, "decisions"]), decision);
    await refreshNow();
  } catch (error) {
    refused.set(one.id, error);
  } finally {
    pending.delete(one.id);
    rerender();
  }
}

export function decisionsPanel(one) {
  if (!one.decisions.length) return null;
  return panel({ id: "decisions", title: "Decisions" }, () =>
    h(
      "ol",
      { class: "log" },
      one.decisions.map((entry) =>
        h(
          "li",
          { key: `${entry.kind} ${entry.time}`, class: entry.isPending ? "is-pending" : null },
          h(
            "p",
            null,
            h("strong", null, KINDS[entry.kind]?.done ?? entry.kind),
            ` by ${entry.actor}`,
            entry.isPending ? " · saving…" : [" · ", moment(entry.time)],
            entry.until ? [" · until ", moment(entry.until)] : null,
          ),
          h("p", { class: "quoted" }, entry.reason),
        ),
      ),
    ),
  );
}

function isAdoptable(one) {
  const isOfWhatIs = ["concept drift", "outliers"].includes(one.what[0]);
  return one.source === "drift" || (one.source === "quality" && isOfWhatIs);
}
