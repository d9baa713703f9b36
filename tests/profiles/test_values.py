from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.profiles import ValueCounts
from watchkeeper.profiles.values import MAX_VALUES

counts = st.dictionaries(st.text(max_size=2), st.integers(1, 9))


@given(counts, counts)
def test_counts_add_up(left, right):
    merged = ValueCounts.of(left).merge(ValueCounts.of(right))
    assert merged == ValueCounts.of(right).merge(ValueCounts.of(left))
    assert sum(merged.counts.values()) == sum(left.values()) + sum(right.values())
    assert merged.overflow == 0


def test_more_values_than_kept_merge_to_the_same_in_any_grouping():
    third = MAX_VALUES // 2 + 1
    parts = [{f"v{i}": 2 for i in range(start, start + third)} for start in (0, third, 2 * third)]
    parts[2]["v0"] = 5
    a, b, c = (ValueCounts.of(part) for part in parts)
    merged = a.merge(b).merge(c)
    assert merged == c.merge(b.merge(a)) == a.merge(c).merge(b)
    assert len(merged.counts) == MAX_VALUES
    total = sum(sum(part.values()) for part in parts)
    assert sum(merged.counts.values()) + merged.overflow == total
