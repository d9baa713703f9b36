"""What each side's values are like, and which came and went."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from watchkeeper.comparison.block import Pair
from watchkeeper.comparison.effect import rounded
from watchkeeper.comparison.result import ColumnQuality, Summary
from watchkeeper.profiles import (
    FIRST,
    Bins,
    ColumnProfile,
    Moments,
    NumberBins,
    quantiles_from_counts,
)

_LISTED = 10
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def qualities_of(pairs: Sequence[Pair]) -> list[ColumnQuality]:
    """Return both sides' summaries, and the values that only one side has, of each column."""
    sides = [(pair.bins, pair.reference) for pair in pairs]
    sides += [(pair.bins, pair.current) for pair in pairs]
    found = _summaries(sides)
    before, after = found[: len(pairs)], found[len(pairs) :]
    return [_quality(*one) for one in zip(pairs, before, after, strict=True)]


def _quality(pair: Pair, before: Summary, after: Summary) -> ColumnQuality:
    first, second = pair.reference.values, pair.current.values
    new = _most_frequent(second, second.keys() - first.keys())
    missing = _most_frequent(first, first.keys() - second.keys())
    return ColumnQuality(
        reference=before,
        current=after,
        new_values=tuple(new[:_LISTED]),
        new_value_count=len(new),
        missing_values=tuple(missing[:_LISTED]),
        missing_value_count=len(missing),
    )


def _summaries(columns: Sequence[tuple[Bins, ColumnProfile]]) -> list[Summary]:
    numbers = [(bins, profile) for bins, profile in columns if isinstance(bins, NumberBins)]
    quantiles = iter(_quantiles(numbers))
    return [
        _of_number(bins, profile, next(quantiles))
        if isinstance(bins, NumberBins)
        else _of_category(profile)
        for bins, profile in columns
    ]


def _of_category(profile: ColumnProfile) -> Summary:
    rows = max(profile.rows, 1)
    values = profile.values
    overflow = profile.categories.overflow if profile.categories is not None else 0
    top = _most_frequent(values, values.keys())[:_LISTED]
    return Summary(
        rows=profile.rows,
        null_ratio=rounded(profile.nulls / rows),
        misfit_ratio=rounded(profile.misfits / rows),
        distinct=len(values) if not overflow else None,
        unseen_ratio=rounded(profile.unseen / rows),
        once_ratio=rounded(sum(count == 1 for count in values.values()) / rows),
        top={name: values[name] for name in top},
    )


def _of_number(bins: NumberBins, profile: ColumnProfile, quantiles: Sequence[float]) -> Summary:
    rows = max(profile.rows, 1)
    counts = profile.counts
    outside = int(counts[FIRST] + counts[-1]) if bins.edges else int(counts[FIRST])
    moments = profile.moments or Moments()
    known = moments.count > 0
    p5, p25, p50, p75, p95 = (rounded(value) if known else None for value in quantiles)
    return Summary(
        rows=profile.rows,
        null_ratio=rounded(profile.nulls / rows),
        misfit_ratio=rounded(profile.misfits / rows),
        infinite_ratio=rounded(moments.infinite / rows),
        distinct=None if profile.distinct is None else round(profile.distinct.estimate()),
        unseen_ratio=rounded(outside / rows),
        minimum=rounded(moments.minimum) if known else None,
        p5=p5,
        p25=p25,
        p50=p50,
        p75=p75,
        p95=p95,
        maximum=rounded(moments.maximum) if known else None,
        mean=rounded(moments.mean) if known else None,
        sd=rounded(_sd(moments)) if known else None,
    )


def _sd(moments: Moments) -> float:
    return math.sqrt(moments.variance) if moments.count > 1 else 0.0


def _quantiles(columns: Sequence[tuple[NumberBins, ColumnProfile]]) -> list[list[float]]:
    """Return the quantiles of each column, from its sketch if it has one."""
    if not columns:
        return []
    moments = [profile.moments or Moments() for _, profile in columns]
    found: list[list[float]] = quantiles_from_counts(
        [bins for bins, _ in columns],
        [profile.counts for _, profile in columns],
        _QUANTILES,
        [(m.minimum, m.maximum) if m.count else None for m in moments],
    ).tolist()
    for place, (_, profile) in enumerate(columns):
        if profile.quantiles is not None:
            found[place] = [profile.quantiles.quantile(q) for q in _QUANTILES]
    return found


def _most_frequent(counts: dict[str, int], among: Iterable[str]) -> list[str]:
    return sorted(among, key=lambda name: (-counts[name], name))
