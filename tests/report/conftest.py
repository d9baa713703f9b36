"""Results as a backtest gives them: ordinary, quiet, empty, hostile and large ones."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from watchkeeper.pipeline.result import BacktestResult, ColumnHistory
from watchkeeper.watch import CategoryChange, Effect, Incident, NotEnough, StreamEvidence

START = datetime(2013, 4, 1, 4, tzinfo=UTC)
HOSTILE = '<script>document.title="owned"</script>"\'&\u202egnp.exe\x00\n' + "x" * 10_000


def history(
    name: str,
    buckets: int,
    rng: np.random.Generator,
    *,
    segment: str = "",
    shifts: tuple[range, ...] = (),
) -> ColumnHistory:
    """A weekly wave with noise, moved by two bands' widths in ``shifts``."""
    expected = [10 + 3 * math.sin(2 * math.pi * i / 7) for i in range(buckets)]
    observed: list[float | None] = [
        value + float(rng.normal(0, 0.6)) + (5.0 if any(i in s for s in shifts) else 0.0)
        for i, value in enumerate(expected)
    ]
    if buckets > 5:
        observed[3] = None
    return ColumnHistory(
        name=name,
        type="number",
        segment=segment,
        observed=tuple(observed),
        expected=tuple(expected),
        low=tuple(value - 1.5 for value in expected),
        high=tuple(value + 1.5 for value in expected),
        cycles=("day of week",),
        null_ratio=tuple(0.02 for _ in expected),
    )


def stream(column: str, share: float, *, significant: bool = True) -> StreamEvidence:
    return StreamEvidence(
        column=column,
        score=3.2 * share,
        share=share,
        significant=significant,
        aspect="level",
        effect=Effect(
            before_mean=10.2,
            after_mean=15.1,
            shift=4.9,
            shift_sd=1.31,
            psi=0.42,
            jensen_shannon=0.21,
            hellinger=0.3,
            wasserstein=4.8,
            kolmogorov_smirnov=0.44,
            chi_square=913.0,
            total_variation=0.37,
            l_infinity=0.2,
            most_changed=(
                CategoryChange(value="[20, 30)", before_ratio=0.05, after_ratio=0.25),
                CategoryChange(value="[0, 10)", before_ratio=0.55, after_ratio=0.3),
            ),
        ),
    )


def incident(
    number: int, since: int, opened: int, closed: int | None, columns: list[str], **changes: object
) -> Incident:
    shares = [0.6 / 1.7**place for place in range(len(columns))]
    fields = {
        "incident_id": f"i{number}",
        "cause": "drift",
        "kind": "sudden",
        "opened_bucket": opened,
        "opened_at": START + timedelta(days=opened + 1),
        "since_bucket": since,
        "since": START + timedelta(days=since),
        "closed_bucket": closed,
        "closed_at": None if closed is None else START + timedelta(days=closed + 1),
        "streams": tuple(
            stream(column, share, significant=share > 0.1)
            for column, share in zip(columns, shares, strict=True)
        ),
        "resembles": None,
        "message": f"{columns[0]} rose from 10.2 to 15.1 (+1.3 sd) and has stayed there",
        **changes,
    }
    return Incident(**fields)  # type: ignore[arg-type]


def result_of(
    *,
    buckets: int,
    columns: tuple[ColumnHistory, ...],
    incidents: tuple[Incident, ...],
    **changes: object,
) -> BacktestResult:
    rng = np.random.default_rng(5)
    evidence, level = [], 0.03
    opened = {found.opened_bucket for found in incidents}
    for bucket in range(buckets):
        level = max(0.004, level * math.exp(float(rng.normal(0, 0.35))))
        level = min(level, 0.6)
        evidence.append(1.0 + 2 * float(rng.random()) if bucket in opened else level)
    fields = {
        "data": "flights_2013.parquet",
        "rows": 255_736,
        "reference_rows": 81_040,
        "reference_buckets": 90,
        "reference_start": START - timedelta(days=90),
        "reference_end": START,
        "buckets": buckets,
        "bucket": "1d",
        "budget": "1 per 30d",
        "false_alarm_budget_buckets": 30.0,
        "incidents": incidents,
        "not_enough_data": (
            NotEnough(subject="the yearly cycle", have="90 days of reference", need="one year"),
        ),
        "ignored": {"year": "repeats the time", "tailnum": "an identifier: 4,037 values"},
        "starts": tuple(START + timedelta(days=i) for i in range(buckets)),
        "evidence": tuple(evidence),
        "columns": columns,
        "time_zone": "America/New_York",
        **changes,
    }
    return BacktestResult(**fields)  # type: ignore[arg-type]


@pytest.fixture
def result() -> BacktestResult:
    """Two closed incidents and an open one in 230 days of eight columns."""
    rng = np.random.default_rng(1)
    storms, autumn = range(84, 102), range(214, 230)
    columns = (
        history("arr_delay", 230, rng, shifts=(storms, autumn)),
        history("dep_delay", 230, rng, shifts=(storms,)),
        history("dep_delay", 230, rng, segment="origin=EWR", shifts=(storms,)),
        history("wind_speed", 230, rng, shifts=(autumn,)),
        *(history(name, 230, rng) for name in ("temp", "visib", "distance", "carrier")),
    )
    incidents = (
        incident(1, 84, 87, 103, ["arr_delay", "dep_delay", "wind_speed"]),
        incident(
            2,
            150,
            160,
            171,
            ["temp"],
            kind="gradual",
            resembles="2013-02-01 to 2013-02-12",
        ),
        incident(3, 214, 216, None, ["arr_delay", "wind_speed"], kind="recurring"),
    )
    return result_of(buckets=230, columns=columns, incidents=incidents)


@pytest.fixture
def quiet() -> BacktestResult:
    """Nothing happened, and buckets are counted in rows."""
    columns = (history("score", 40, np.random.default_rng(2)),)
    return result_of(
        buckets=40,
        columns=columns,
        incidents=(),
        bucket="1000rows",
        budget="1 per 720 buckets",
        false_alarm_budget_buckets=720.0,
        starts=(None,) * 40,
        reference_start=None,
        reference_end=None,
        not_enough_data=(),
        ignored={},
    )


@pytest.fixture
def empty() -> BacktestResult:
    """No bucket after the reference."""
    return result_of(buckets=0, columns=(), incidents=(), starts=(), evidence=(), rows=0)


@pytest.fixture
def hostile() -> BacktestResult:
    """Every text that comes with the data tries to break out."""
    rng = np.random.default_rng(3)
    found = incident(1, 5, 6, 9, [HOSTILE], message=HOSTILE, resembles=HOSTILE)
    change = CategoryChange(value=HOSTILE, before_ratio=0.1, after_ratio=0.2)
    carried = stream(HOSTILE, 1.0)
    told = StreamEvidence(
        column=HOSTILE,
        segment=HOSTILE,
        score=1.0,
        share=1.0,
        significant=True,
        aspect="shape",
        effect=Effect(most_changed=(change,), psi=math.inf),
    )
    found = incident(
        1, 5, 6, 9, [HOSTILE], message=HOSTILE, resembles=HOSTILE, streams=(carried, told)
    )
    return result_of(
        buckets=20,
        columns=(history(HOSTILE, 20, rng, shifts=(range(5, 10),)), history("حجم", 20, rng)),
        incidents=(found,),
        data=HOSTILE,
        ignored={HOSTILE: HOSTILE},
        not_enough_data=(NotEnough(subject=HOSTILE, have=HOSTILE, need=HOSTILE),),
    )


@pytest.fixture
def large() -> BacktestResult:
    """A year of hours, fifty columns, thirty incidents."""
    rng = np.random.default_rng(4)
    buckets = 8760
    columns = tuple(history(f"feature_{i}", buckets, rng) for i in range(50))
    incidents = tuple(
        incident(
            n, 280 * n, 280 * n + 3, 280 * n + 40, [f"feature_{n}", "feature_49", "feature_48"]
        )
        for n in range(30)
    )
    return result_of(
        buckets=buckets,
        columns=columns,
        incidents=incidents,
        bucket="1h",
        budget="1 per 30d",
        false_alarm_budget_buckets=720.0,
        starts=tuple(START + timedelta(hours=i) for i in range(buckets)),
    )
