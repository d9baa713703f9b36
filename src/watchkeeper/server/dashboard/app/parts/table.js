// Tables with real headers; on a narrow screen each row becomes a small card with named values.

import { h } from "../dom.js";

// columns: [{name, title, isNumber, isMinor, cell(row)}]; the first column heads its row.
export function table({ label, columns, rows, key, className = "", rowClass }) {
  return h(
    "div",
    { class: `table-wrap ${className}` },
    h(
      "table",
      { role: "table", "aria-label": label },
      h(
        "thead",
        { role: "rowgroup" },
        h(
          "tr",
          { role: "row" },
          columns.map((column) =>
            h(
              "th",
              { role: "columnheader", scope: "col", class: classOf(column), key: column.name },
              column.title ?? column.name,
            ),
          ),
        ),
      ),
      h(
        "tbody",
        { role: "rowgroup" },
        rows.map((row) =>
          h(
            "tr",
            { role: "row", key: key(row), class: rowClass?.(row) },
            columns.map((column, i) =>
              h(
                i === 0 ? "th" : "td",
                {
                  role: i === 0 ? "rowheader" : "cell",
                  scope: i === 0 ? "row" : null,
                  class: classOf(column),
                  "data-label": column.title ?? column.name,
                  key: column.name,
                },
                column.cell(row),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

function classOf({ isNumber, isMinor, className }) {
  return [isNumber && "number", isMinor && "minor", className].filter(Boolean).join(" ") || null;
}
