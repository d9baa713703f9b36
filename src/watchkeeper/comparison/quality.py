"""What each side's values are like, and which came and went."""

from __future__ import annotations

import math

import msgspec

from watchkeeper.comparison.effect import rounded
from watchkeeper.comparison.result import ColumnQuality, Summary
from watchkeeper.profiles import FIRST, Bins, ColumnProfile, NumberBins, quantiles_from_counts

_LISTED = 10
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def quality_of(bins: Bins, reference: ColumnProfile, current: ColumnProfile) -> ColumnQuality:
    """Return both sides' summaries and the values that only one side has."""
    first, second = reference.values, current.values
    new = _most_frequent(second, set(second) - set(first))
    missing = _most_frequent(first, set(first) - set(second))
    return ColumnQuality(
        reference=summary_of(bins, reference),
        current=summary_of(bins, current),
        new_values=tuple(new[:_LISTED]),
        new_value_count=len(new),
        missing_values=tuple(missing[:_LISTED]),
        missing_value_count=len(missing),
    )


def summary_of(bins: Bins, profile: ColumnProfile) -> Summary:
    """Return the quality and the statistics of one side."""
    rows = max(profile.rows, 1)
    nulls, misfits = rounded(profile.nulls / rows), rounded(profile.misfits / rows)
    if not isinstance(bins, NumberBins):
        values = profile.values
        overflow = profile.categories.overflow if profile.categories is not None else 0
        top = _most_frequent(values, set(values))[:_LISTED]
        return Summary(
            rows=profile.rows,
            null_ratio=nulls,
            misfit_ratio=misfits,
            distinct=len(values) if not overflow else None,
            unseen_ratio=rounded(profile.unseen / rows),
            top={name: values[name] for name in top},
        )
    counts = profile.counts
    outside = int(counts[FIRST] + counts[-1]) if bins.edges else int(counts[FIRST])
    moments = profile.moments
    plain = Summary(
        rows=profile.rows,
        null_ratio=nulls,
        misfit_ratio=misfits,
        infinite_ratio=rounded(moments.infinite / rows) if moments is not None else 0.0,
        distinct=None if profile.distinct is None else round(profile.distinct.estimate()),
        unseen_ratio=rounded(outside / rows),
    )
    if moments is None or not moments.count:
        return plain
    p5, p25, p50, p75, p95 = (rounded(value) for value in _quantiles(bins, profile))
    return msgspec.structs.replace(
        plain,
        minimum=rounded(moments.minimum),
        p5=p5,
        p25=p25,
        p50=p50,
        p75=p75,
        p95=p95,
        maximum=rounded(moments.maximum),
        mean=rounded(moments.mean),
        sd=rounded(math.sqrt(moments.variance)) if moments.count > 1 else 0.0,
    )


def _quantiles(bins: NumberBins, profile: ColumnProfile) -> list[float]:
    if profile.quantiles is not None:
        return [profile.quantiles.quantile(q) for q in _QUANTILES]
    moments = profile.moments
    ends = None if moments is None else (moments.minimum, moments.maximum)
    found: list[float] = quantiles_from_counts(bins, profile.counts, _QUANTILES, ends).tolist()
    return found


def _most_frequent(counts: dict[str, int], among: set[str]) -> list[str]:
    return sorted(among, key=lambda name: (-counts[name], name))
