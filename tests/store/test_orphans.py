"""Labels that came before their prediction wait for it, and are not lost for those that read."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from watchkeeper.store.database import Database
from watchkeeper.store.orphans import forget_orphans, note_orphans, orphan_days, orphans_of

MODEL = "m"


def labels(*ids: str, day: int, sequence: int) -> pa.Table:
    rows = len(ids)
    return pa.table(
        {
            "prediction_id": pa.array(ids),
            "kind": pa.array(["outcome"] * rows),
            "label_day": pa.array([day] * rows, pa.int32()),
            "first_sequence": pa.array([sequence] * rows),
        }
    )


def test_the_days_of_orphans_are_read_for_predictions_that_came_later(tmp_path: Path) -> None:
    database = Database(tmp_path)
    with database.writing() as connection:
        note_orphans(connection, MODEL, labels("a", "b", day=1, sequence=3), up_to=5, most=2)
        note_orphans(connection, MODEL, labels("b", "c", day=2, sequence=7), up_to=9, most=2)
        assert orphans_of(connection, MODEL).column("label_day").to_pylist() == [2, 2]

        def days(arrived: int, covered: int = 9) -> set[int]:
            return orphan_days(connection, MODEL, "outcome", arrived=arrived, covered=covered)

        assert days(arrived=9) == set()
        assert days(arrived=10) == {1, 2}
        assert days(arrived=10, covered=12) == {1}  # lost, so it was not looked for since
        forget_orphans(connection, MODEL, pa.chunked_array([["b", "c"]]))
        assert days(arrived=10) == {1}
    database.close()
