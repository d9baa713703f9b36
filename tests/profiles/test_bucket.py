from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from watchkeeper.errors import DataError
from watchkeeper.events import Column, Schema
from watchkeeper.profiles import Moments, fit_bins, merge, profile

SCHEMA = Schema(columns={"x": Column(type="number")})
DAYS = [datetime(2024, 1, day, tzinfo=UTC) for day in (1, 2, 3)]


def test_a_merge_spans_all_its_buckets():
    bins = fit_bins(SCHEMA, [pa.table({"x": [1.0, 2.0]})])
    parts = [
        profile(pa.table({"x": [1.0]}), SCHEMA, bins, index=i, start=DAYS[i], end=DAYS[i + 1])
        for i in range(2)
    ]
    untimed = profile(pa.table({"x": [2.0, None]}), SCHEMA, bins, index=5)
    for merged in (merge(*parts, untimed), merge(untimed, *reversed(parts))):
        assert (merged.index, merged.start, merged.end) == (0, DAYS[0], DAYS[2])
        assert (merged.rows, merged.columns["x"].nulls) == (4, 1)


def test_profiles_on_other_bins_do_not_merge():
    tables = [pa.table({"x": list(range(n))}) for n in (10, 40)]
    first, second = (profile(t, SCHEMA, fit_bins(SCHEMA, [t]), index=0) for t in tables)
    with pytest.raises(DataError, match="same bins"):
        merge(first, second)


def test_a_sketch_that_one_side_lacks_is_dropped():
    table = pa.table({"x": [1.0, 2.0]})
    bins = fit_bins(SCHEMA, [table])
    with_sketches = profile(table, SCHEMA, bins, index=0, sketches=True)
    without = profile(table, SCHEMA, bins, index=0)
    assert merge(with_sketches, without).columns["x"].quantiles is None


def test_moments_of_nothing_change_nothing():
    moments = Moments(count=2, mean=1.0, m2=0.5, minimum=0.5, maximum=1.5, infinite=1)
    assert Moments().merge(moments) == moments == moments.merge(Moments())
