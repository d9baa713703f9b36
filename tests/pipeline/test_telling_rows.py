"""The rows to look at in an incident are those that show what moved, and only those."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.watched_store import MODEL, NOW, REFERENCE_END, REFERENCE_HOURS, fill, rows
from watchkeeper.pipeline import AffectedRows, Plan, Watch, affected_rows, set_baseline
from watchkeeper.pipeline.watching import stored_incidents
from watchkeeper.store import IncidentKey, Store
from watchkeeper.watch import Bucketing

END = REFERENCE_HOURS
LETTERS = list("ab ")


def with_columns(first: int, last: int, *, changed: bool) -> pa.Table:
    """Notes grow longer and errors come in one country only, if they do."""
    table, random = rows(first, last), np.random.default_rng([5, first])
    country = random.choice(["CH", "FR"], table.num_rows)
    length = random.integers(5, 9, table.num_rows) + (20 if changed else 0)
    moved = np.where((country == "FR") & changed, 4.0, 0.0)
    columns: dict[str, Any] = {
        "feature:note": ["".join(random.choice(LETTERS, n)) for n in length],
        "tag:country": country,
        "feature:y": table.column("feature:y").to_numpy() + moved,
    }
    for name, values in columns.items():
        if name in table.column_names:
            table = table.drop_columns([name])
        table = table.append_column(name, pa.array(values))
    return table


def told(folder: Path, **plan: Any) -> tuple[list[tuple[str, str]], AffectedRows]:
    """Return what moved, and the rows to look at."""
    with Store.open(folder) as store:
        fill(
            store,
            with_columns(0, END, changed=False),
            with_columns(END, END + 20, changed=False),
            with_columns(END + 20, END + 26, changed=True),
        )
        set_baseline(
            store,
            MODEL,
            Plan(bucketing=Bucketing.parse("1h"), season=False, **plan),
            until=REFERENCE_END,
            budget="1 per 720 buckets",
            note="",
            actor="ann",
            now=NOW,
        )
        Watch(store, MODEL).advance(now=NOW)
        [incident] = stored_incidents(store, MODEL, 1)
        key = IncidentKey(model=MODEL, version=1, incident_id=incident.incident_id)
        moved = [(s.column, s.segment) for s in incident.streams]
        return moved, affected_rows(store, key, limit=30)


def column(found: AffectedRows, name: str) -> list[Any]:
    return [row[found.columns.index(name)] for row in found.rows]


def test_what_was_measured_of_a_text_leads_to_the_text(tmp_path: Path) -> None:
    moved, found = told(tmp_path, columns=("note",))
    assert "note.length" in {name for name, _ in moved}
    assert len(found.rows) == 30
    assert min(len(note) for note in column(found, "feature:note")) >= 25
    assert "feature:x" not in found.columns


def test_what_moved_in_one_segment_leads_to_rows_of_it(tmp_path: Path) -> None:
    moved, found = told(tmp_path, columns=("y",), segment_by="country")
    assert ("y", "country=FR") in moved
    assert set(column(found, "tag:country")) == {"FR"}
    assert min(column(found, "feature:y")) > 1.5
    assert found.read >= 5 * 30
