// Predictions of the incident that are worth a look.

import { path } from "../../api.js";
import { panel, nothing } from "../../parts/panel.js";
import { predictionTable } from "../../parts/prediction_table.js";
import { read } from "../../resources.js";

export function rowsPanel(one) {
  if (one.source === "cost") return null;
  const entry = read(path(["incidents", one.id, "rows"], { limit: 20 }), "rows");
  return panel(
    {
      id: "rows",
      title: "Affected predictions",
      note: entry.value?.picked ? `Shown: ${entry.value.picked}.` : null,
      height: 200,
      entries: [entry],
    },
    (answer) =>
      answer.rows.length
        ? predictionTable({ ...answer, model: one.model, first: one.what, label: "Affected predictions" })
        : nothing("No row of this time is kept any more."),
  );
}
