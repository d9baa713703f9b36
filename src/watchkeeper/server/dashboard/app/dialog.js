// Dialogs: one at a time, closed by Esc, by its button, or by a click beside it.

import { h } from "./dom.js";

let open = null;

export function openDialog({ title, className = "", content, onClose }) {
  closeDialog();
  const heading = h("h2", { id: "dialog-title" }, title);
  const close = h(
    "button",
    { type: "button", class: "plain", "aria-label": "Close", on: { click: closeDialog } },
    "✕",
  );
  const dialog = h(
    "dialog",
    { class: className, "aria-labelledby": "dialog-title" },
    h("header", { class: "dialog-head" }, heading, close),
    content,
  );
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (open === dialog) open = null;
    onClose?.();
  });
  dialog.addEventListener("mousedown", (event) => {
    if (event.target === dialog) closeDialog();
  });
  document.body.append(dialog);
  open = dialog;
  dialog.showModal();
  return dialog;
}

export function closeDialog() {
  open?.close();
}

export function isDialogOpen() {
  return open !== null;
}
