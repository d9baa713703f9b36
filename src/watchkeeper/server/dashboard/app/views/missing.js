// What is shown where there is nothing.

import { h } from "../dom.js";
import { link } from "../router.js";

export const missing = {
  title: () => "Nothing here",
  render: () => [
    h("h1", { class: "verdict" }, h("strong", null, "There is nothing at this address.")),
    h(
      "p",
      { class: "lead" },
      "It may have been mistyped. ",
      h("a", { href: link([]) }, "Go to the fleet"),
      ", or press ? for the keys.",
    ),
  ],
};
