"""Losses that rose are incidents beside those of the data, when their labels would have come."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console

from pipeline.backtesting.labelled import (
    HOURS,
    REFERENCE_HOURS,
    ROWS,
    performance_of,
    predictions,
    run,
)
from watchkeeper.pipeline import BacktestResult
from watchkeeper.report import table, to_html
from watchkeeper.watch import LOSS_SHARE, Incident

BROKEN = 120
"""Hour from which on the score says nothing any more."""


def concept(result: BacktestResult) -> list[Incident]:
    return [one for one in result.incidents if one.cause == "concept"]


def later(data: pa.Table, hours: float) -> pa.Table:
    micros = data.column("time").cast(pa.int64()).to_numpy() + int(hours * 3_600_000_000)
    return data.append_column("known", pa.array(micros).cast(pa.timestamp("us", "UTC")))


def test_a_model_that_breaks_is_told_with_the_size_and_the_start() -> None:
    [told] = concept(run(predictions(broken_from=BROKEN)))
    start = BROKEN - REFERENCE_HOURS
    assert start - 6 <= told.since_bucket <= start + 1
    assert start <= told.opened_bucket <= start + 4
    assert told.is_open
    [stream] = told.streams
    assert (stream.column, stream.aspect) == ("Brier score", "loss")
    assert stream.effect.before_mean == pytest.approx(0.15, abs=0.02)
    broken = predictions(broken_from=BROKEN).slice(BROKEN * ROWS)
    scores, labels = (broken.column(name).to_numpy() for name in ("score", "bought"))
    assert stream.effect.after_mean == pytest.approx(((scores - labels) ** 2).mean(), abs=0.03)
    assert "The Brier score rose from 0.1" in told.message


def test_a_model_that_stays_as_it_was_is_not_told() -> None:
    assert concept(run()) == []


def test_a_model_that_recovers_closes_its_incident() -> None:
    data = predictions(broken_from=110)
    healthy = predictions()
    back = np.arange(data.num_rows) >= 113 * ROWS
    labels = np.where(back, healthy.column("bought"), data.column("bought"))
    place = data.column_names.index("bought")
    [told] = concept(run(data.set_column(place, "bought", pa.array(labels))))
    assert told.closed_bucket is not None
    assert 113 - REFERENCE_HOURS <= told.closed_bucket <= 139 - REFERENCE_HOURS
    assert "It is back" in told.message


def test_nothing_is_known_before_its_label_came() -> None:
    data = predictions(broken_from=BROKEN)
    at_once = concept(run(data))[0]
    [delayed] = concept(run(later(data, 8), label_time="known"))
    assert delayed.opened_bucket == pytest.approx(at_once.opened_bucket + 8, abs=1)
    assert delayed.since_bucket == pytest.approx(at_once.since_bucket, abs=1)
    # A label that comes after the last bucket is never seen; metrics are of all labels.
    unseen = run(later(data, 40), label_time="known")
    assert concept(unseen) == []
    assert performance_of(unseen) == performance_of(run(data))


def test_rows_in_any_order_give_the_same_incident() -> None:
    data = later(predictions(broken_from=BROKEN), 3)
    order = np.random.default_rng(3).permutation(data.num_rows)
    shuffled = concept(run(data.take(pa.array(order)), label_time="known"))
    straight = concept(run(data, label_time="known"))
    assert [(i.opened_bucket, i.since_bucket) for i in shuffled] == [
        (i.opened_bucket, i.since_bucket) for i in straight
    ]


def test_rows_without_times_are_taken_in_their_order() -> None:
    data = predictions(broken_from=BROKEN).drop_columns(["time"])
    before = REFERENCE_HOURS * ROWS
    [told] = concept(
        run(
            data.slice(before),
            reference=data.slice(0, before),
            reference_until=None,
            time=None,
            bucket="100rows",
        )
    )
    start = (BROKEN - REFERENCE_HOURS) * ROWS // 100
    assert start <= told.opened_bucket <= start + 2
    assert told.opened_at is None
    assert "since bucket" in told.message


def test_numbers_are_watched_by_their_distance() -> None:
    data = predictions()
    random = np.random.default_rng(5)
    is_off = np.arange(data.num_rows) >= BROKEN * ROWS
    truth = 10 * data.column("score").to_numpy() + random.normal(size=data.num_rows)
    truth += np.where(is_off, 2.0, 0.0)
    output = pa.array(10 * data.column("score").to_numpy())
    data = data.append_column("price", pa.array(truth)).append_column("guess", output)
    [told] = concept(run(data, label="price", output="guess"))
    assert told.streams[0].column == "mean absolute error"
    assert told.opened_bucket >= BROKEN - REFERENCE_HOURS


def test_page_and_table_list_it_with_the_others() -> None:
    result = run(predictions(broken_from=BROKEN))
    file = io.StringIO()
    Console(file=file, width=110).print(table(result))
    assert "concept" in file.getvalue()
    page = to_html(result, title="t")
    assert "concept drift" in page
    assert page.count('class="incident-card"') == len(result.incidents)
    card = page[page.index('class="incident-card"') : page.index('id="performance"')]
    assert "Brier score over time" in card


def test_the_watch_of_the_data_leaves_a_part_of_the_budget_to_losses() -> None:
    with_labels = run()
    plain = run(label=None, output=None, ignore=["bought"], columns=["x"])
    assert with_labels.false_alarm_budget_buckets == plain.false_alarm_budget_buckets
    ratios = np.array(plain.evidence) / np.array(with_labels.evidence)
    assert ratios == pytest.approx(1 / (1 - LOSS_SHARE), rel=1e-3)
    assert len(with_labels.evidence) == HOURS - REFERENCE_HOURS
