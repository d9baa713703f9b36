// Short facts, each with its name.

import { h } from "../dom.js";

export function facts(pairs, className = "") {
  return h(
    "dl",
    { class: `facts ${className}` },
    pairs
      .filter(Boolean)
      .map(([name, value, note]) =>
        h(
          "div",
          { key: name },
          h("dt", null, name),
          h("dd", null, value, note ? h("small", null, note) : null),
        ),
      ),
  );
}

export function legend(keys) {
  return h(
    "ul",
    { class: "legend", "aria-label": "Legend" },
    keys
      .filter(Boolean)
      .map(([text, tone]) => h("li", { key: text }, h("i", { class: `swatch ${tone}` }), text)),
  );
}

export function crumbs(...pieces) {
  return h(
    "nav",
    { class: "crumbs", "aria-label": "Where this is" },
    h(
      "ol",
      null,
      pieces.map(([text, url]) =>
        h(
          "li",
          { key: text },
          url ? h("a", { href: url }, text) : h("span", { "aria-current": "page" }, text),
        ),
      ),
    ),
  );
}

// One choice of a few, as a group of buttons.
export function choice(label, options, chosen, choose) {
  return h(
    "div",
    { class: "choice", role: "group", "aria-label": label },
    options.map(([value, text]) =>
      h(
        "button",
        {
          type: "button",
          key: value,
          "aria-pressed": String(value === chosen),
          on: { click: () => choose(value) },
        },
        text,
      ),
    ),
  );
}

// What numbers of a model can be told apart by, as options of a choice.
export function groupings(detail) {
  return [
    ["none", "All"],
    ["version", "Version"],
    detail.variants.length > 0 && ["variant", "Variant"],
    detail.segments.length > 0 && ["segment", "Segment"],
  ].filter(Boolean);
}

export function copyable(command) {
  const copy = async (event) => {
    const button = event.currentTarget;
    try {
      await navigator.clipboard.writeText(command);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(button.previousSibling);
      button.textContent = "Selected";
    }
    setTimeout(() => {
      button.textContent = "Copy";
    }, 1500);
  };
  return h(
    "div",
    { class: "command", key: command },
    h("code", null, command),
    h("button", { type: "button", "aria-label": `Copy: ${command}`, on: { click: copy } }, "Copy"),
  );
}
