// Who was told of it, and when.

import { h } from "../../dom.js";
import { capital } from "../../parts/badges.js";
import { moment } from "../../parts/moment.js";
import { panel } from "../../parts/panel.js";
import { table } from "../../parts/table.js";

export function noticesPanel(one) {
  return panel({ id: "notices", title: "Notices sent" }, () =>
    one.notices.length
      ? table({
          label: "Notices",
          rows: one.notices,
          key: (notice) => `${notice.channel} ${notice.event}`,
          className: "cards",
          columns: [
            { name: "channel", title: "Channel", cell: (notice) => notice.channel },
            { name: "event", title: "About", cell: (notice) => capital(notice.event) },
            {
              name: "status",
              title: "Status",
              cell: (notice) =>
                h(
                  "span",
                  { class: `notice-${notice.status}` },
                  capital(notice.status),
                  notice.last_error ? h("small", null, notice.last_error) : null,
                ),
            },
            { name: "time", title: "When", className: "nowrap", cell: (notice) => moment(notice.time) },
            {
              name: "attempts",
              title: "Attempts",
              isNumber: true,
              cell: (notice) => String(notice.attempts),
            },
          ],
        })
      : h("p", { class: "quiet" }, "Nobody was told: no channel is set up for it."),
  );
}
