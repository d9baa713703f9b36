// Lets in who has a key, and goes on to where they wanted to be.

import { send } from "../api.js";
import { h } from "../dom.js";
import { go } from "../router.js";

let wrong = "";
let isWaiting = false;

export const login = {
  title: () => "Sign in",
  section: "login",
  render: ({ query, enter, rerender }) =>
    h(
      "div",
      { class: "login" },
      h("h1", null, "Sign in"),
      h(
        "p",
        { class: "explain" },
        "This server asks for an API key. The browser keeps a session, not the key.",
      ),
      h(
        "form",
        { on: { submit: (event) => submit(event, { query, enter, rerender }) } },
        h("label", { for: "key" }, "API key"),
        h("input", {
          id: "key",
          type: "password",
          autocomplete: "current-password",
          spellcheck: "false",
          required: true,
          autofocus: true,
          "aria-invalid": wrong ? "true" : null,
          "aria-describedby": "wrong",
        }),
        h("p", { id: "wrong", class: "wrong", role: "alert" }, wrong),
        h(
          "button",
          { type: "submit", class: "main", disabled: isWaiting },
          isWaiting ? "Signing in…" : "Sign in",
        ),
      ),
      h(
        "p",
        { class: "explain" },
        "Who runs the server makes keys with ",
        h("code", null, "watchkeeper keys create STORE --name you --scope read --scope admin"),
        ".",
      ),
    ),
};

async function submit(event, { query, enter, rerender }) {
  event.preventDefault();
  const field = document.getElementById("key");
  isWaiting = true;
  wrong = "";
  rerender();
  try {
    await send("POST", "/v1/session", { key: field.value.trim() });
    field.value = "";
    if (await enter()) go(safe(query.get("next")), { replace: true });
  } catch (error) {
    wrong = error.message;
    field.select();
  } finally {
    isWaiting = false;
    rerender();
  }
}

// Only to a place of this application.
function safe(next) {
  return next && /^\/(?!\/|\\)/.test(next) ? next : "/";
}
