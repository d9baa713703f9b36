"""What the comparison with a shadow comes to, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from watchkeeper.pipeline.shadowing.answer import PairedDifference
from watchkeeper.pipeline.shadowing.pairs import MOST_PAIRS, Pairs

_MOSTLY = 0.9
_FEW = 100
_NAMED = 2


def sentences(
    pairs: Pairs,
    other: str,
    metrics: Sequence[PairedDifference],
    *,
    labelled: int,
    why_not: str | None,
) -> Iterator[str]:
    """Yield the verdict, then what cannot be known."""
    rows = pairs.live.num_rows
    if not rows:
        yield (
            f"No request was answered by both: {other} must log the prediction ids that the model"
            " that serves logs."
        )
        return
    better, worse = (
        [one for one in metrics if one.verdict == verdict] for verdict in ("better", "worse")
    )
    for verdict, ones in (("better", better), ("worse", worse)):
        if ones:
            yield f"{other} is {verdict}: {_clearest(ones)}."
    if metrics and not better and not worse:
        yield f"By {labelled:,} labels neither is better than the other beyond what chance does."
    if why_not is not None:
        yield why_not
    elif not labelled:
        yield "No request that both answered has a label yet; only their answers can be compared."
    elif labelled < _FEW:
        yield f"Only {labelled:,} of the requests that both answered have a label."
    if pairs.predictions and rows * pairs.one_in < _MOSTLY * pairs.predictions:
        yield (
            f"{other} answered {rows * pairs.one_in / pairs.predictions:.0%} of the requests; what"
            " it would have said to the others is not known."
        )
    if pairs.one_in > 1:
        yield (
            f"There are more than {MOST_PAIRS:,} requests: one in {pairs.one_in} was looked at,"
            " always the same ones."
        )


def _clearest(metrics: Sequence[PairedDifference]) -> str:
    """Return the metrics that differ most clearly, and how many more there are."""
    order = sorted(metrics, key=_clearness, reverse=True)
    told = "; ".join(map(_told, order[:_NAMED]))
    more = len(order) - _NAMED
    if more <= 0:
        return told
    return f"{told}; and by {more} more {'metric' if more == 1 else 'metrics'}"


def _clearness(one: PairedDifference) -> float:
    assert one.difference is not None and one.low is not None and one.high is not None
    return abs(one.difference) / max(one.high - one.low, 1e-12)


def _told(one: PairedDifference) -> str:
    assert one.difference is not None and one.low is not None and one.high is not None
    return (
        f"{one.label} {one.shadow:.4g} instead of {one.live:.4g}"
        f" ({one.difference:+.3g}, {one.low:.3g} to {one.high:.3g})"
    )
