"""The totals of long windows are what all rows together say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import roc_auc_score

from watchkeeper.pipeline.quality import Performance, QualityRollup, performance
from watchkeeper.pipeline.quality.day import read_rows
from watchkeeper.pipeline.quality.plan import QualityPlan
from watchkeeper.pipeline.quality.window_rows import window_rows
from watchkeeper.store import DAY, Store

MODEL = "m"
MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
START = int(MIDNIGHT.timestamp())


def filled(store: Store, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Keep predictions of two days; on the second more are positive, and score higher."""
    random = np.random.default_rng(3)
    late = np.arange(rows) >= rows // 2
    scores = np.where(late, 0.6, 0.1) + 0.3 * random.random(rows)
    labels = random.random(rows) < scores
    seconds = np.linspace(0, 2 * DAY, rows, endpoint=False)
    times = pa.array(((START + seconds) * 1e6).astype(np.int64), pa.timestamp("us", "UTC"))
    ids = pa.array([f"p{number}" for number in range(rows)])
    shared = {"prediction_id": ids, "time": times}
    entities = pa.array((np.arange(rows) % (rows // 2)).astype(str))
    store.append_table(
        MODEL, "prediction", pa.table({**shared, "output": scores, "entity": entities})
    )
    store.append_table(MODEL, "outcome", pa.table({**shared, "label": labels}))
    return scores, labels


@pytest.mark.parametrize("most_rows", [1_000, 100])
def test_a_window_read_in_parts_has_the_rows_of_the_whole(tmp_path: Path, most_rows: int) -> None:
    with Store.open(tmp_path) as store:
        filled(store, 400)
        up_to, end = store.last_sequence(), START + 2 * DAY
        plan = QualityPlan()
        whole, parts = (
            read(store.quality, MODEL, plan, start=START, end=end, up_to=up_to, most_rows=most_rows)
            for read in (read_rows, window_rows)
        )
        few = window_rows(
            store.quality,
            MODEL,
            plan,
            start=START,
            end=end,
            up_to=up_to,
            most_rows=most_rows,
            at_once=20,
        )
    wanted = whole.labelled.drop_columns(["prediction_id", "time", "known_at"])
    assert (parts.one_in, few.one_in) == (whole.one_in, whole.one_in)
    assert parts.labelled.equals(wanted)
    assert few.labelled.combine_chunks().equals(wanted.combine_chunks())


def test_many_predictions_are_measured_from_all_rows_when_asked(tmp_path: Path) -> None:
    def shown(*, exact: bool) -> tuple[Performance, float]:
        found = performance(store, MODEL, now=MIDNIGHT + timedelta(days=3), exact=exact)
        [auc] = [one for one in found.totals[0].metrics if one.name == "roc_auc"]
        assert auc.value is not None
        return found, auc.value

    with Store.open(tmp_path) as store:
        scores, labels = filled(store, 210_000)
        QualityRollup(store).advance(at_once=True)
        exact, value = shown(exact=True)
        quick, mean = shown(exact=False)
    assert value == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
    assert mean < value - 0.1  # days apart say nothing of the order between them
    assert not any("means of its steps" in text for text in exact.said)
    assert any("means of its steps" in text for text in quick.said)
