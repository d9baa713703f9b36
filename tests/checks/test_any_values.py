"""Whatever names and values hold, a check counts as Python counts."""

from __future__ import annotations

import math

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from watchkeeper import checks
from watchkeeper.pipeline import run_checks

WHOLE = st.text(st.characters(codec="utf-8"), max_size=20)
NAMES = WHOLE | st.sampled_from(
    ['"', '""', "a;b", "'", "--", "\0", "n" * 10_000, "data", "é\u0301"]
)
NUMBERS = st.floats() | st.integers(-(2**70), 2**70).map(float) | st.none()
FEW = settings(max_examples=60, deadline=None)


def is_null(value: float | None) -> bool:
    return value is None or math.isnan(value)


@FEW
@given(NAMES, st.lists(NUMBERS, min_size=1, max_size=8), NUMBERS)
@example('"', [math.inf, -math.inf, math.nan], math.inf)
def test_numbers_out_of_range_are_counted(
    name: str, values: list[float | None], limit: float | None
) -> None:
    most = 0.0 if limit is None or math.isnan(limit) else limit
    table = pa.table({name: pa.array(values, pa.float64())})
    nulls, out = run_checks(
        table, [checks.NotNull(column=name), checks.Range(column=name, maximum=most)]
    )
    assert nulls.failed_rows == sum(map(is_null, values))
    assert out.failed_rows == sum(v > most for v in values if v is not None and not math.isnan(v))
    assert len(out.examples) == min(out.failed_rows or 0, 5)


@FEW
@given(NAMES, st.lists(WHOLE | st.none(), min_size=1, max_size=8), st.lists(WHOLE, min_size=1))
@example("\0", ["a\0b", "a", None], ["a\0b"])
def test_texts_among_those_named_and_unique_are_counted(
    name: str, values: list[str | None], allowed: list[str]
) -> None:
    table = pa.table({name: pa.array(values, pa.string())})
    among, unique, length = run_checks(
        table,
        [
            checks.Categories(column=name, values=tuple(allowed)),
            checks.Unique(columns=(name,)),
            checks.Length(column=name, maximum=3),
        ],
    )
    present = [value for value in values if value is not None]
    assert among.failed_rows == sum(value not in allowed for value in present)
    assert unique.failed_rows == sum(present.count(value) > 1 for value in present)
    assert length.failed_rows == sum(len(value) > 3 for value in present)


@FEW
@given(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=8),
    st.integers(-(2**130), 2**130) | st.integers(-(2**63), 2**63 - 1),
)
@example([2**53 + 1, 2**53], 2**53)
def test_whole_numbers_compare_exactly(values: list[int], limit: int) -> None:
    table = pa.table({"n": pa.array(values, pa.int64())})
    (result,) = run_checks(table, [checks.Range(column="n", minimum=limit)])
    assert result.failed_rows == sum(value < limit for value in values)


@FEW
@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.floats(0, 1), st.integers(0, 9))
def test_a_quantile_is_decided_as_by_sorting(values: list[int], part: float, limit: int) -> None:
    ranked = sorted(values)[max(1, math.ceil(part * len(values) * (1 - 1e-12))) - 1]
    low, high = run_checks(
        pa.table({"n": values}),
        [
            checks.Statistic(column="n", statistic="quantile", quantile=part, minimum=limit),
            checks.Statistic(column="n", statistic="quantile", quantile=part, maximum=limit),
        ],
    )
    assert (low.passed, high.passed) == (ranked >= limit, ranked <= limit)
