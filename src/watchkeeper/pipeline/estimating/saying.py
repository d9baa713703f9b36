"""What the labels say of estimates, and what cannot be known of them, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from watchkeeper.metrics.quality import METRICS
from watchkeeper.pipeline.estimating.cell import LEAST_LABELS, CorrectedValue, EstimatedCell
from watchkeeper.pipeline.estimating.estimates_answer import EstimateScore
from watchkeeper.pipeline.estimating.estimator_facts import EstimatorFacts
from watchkeeper.store import DAY

CONTRADICTED_BELOW = 0.01
"""A day's estimate is contradicted where chance would be so far off less often than this."""

UNSEEN = (
    "Estimates take it that equal inputs lead to labels as they did in the reference. Should that"
    " change, they go on as if nothing had: only labels can show it."
)


def sentences(
    facts: EstimatorFacts | None,
    cells: Mapping[int, EstimatedCell],
    settled: Mapping[int, EstimatedCell],
    scores: Sequence[EstimateScore],
    *,
    pending: int,
    step: int,
) -> Iterator[str]:
    """Yield them, the most important first.

    Parameters
    ----------
    cells
        Of the window, by start.
    settled
        Its days whose labels have come, by start.
    """
    if facts is None:
        yield ("Nothing is estimated yet: that needs a baseline, and outcomes of its predictions.")
        return
    if facts.why_not is not None:
        yield facts.why_not
        return
    yield from _contradictions(settled)
    yield from _refusals(cells, step)
    yield from _score(scores, step)
    new = sorted({name for cell in cells.values() for name in cell.new_versions})
    if new:
        yield (
            f"The reference has no labels of {_versions(new)}: the estimates take it that what held"
            " of the versions before holds of it."
        )
    if pending:
        yield f"{pending} {'day' if pending == 1 else 'days'} not estimated yet, or not anew."
    yield UNSEEN


def contradicted(cell: EstimatedCell) -> CorrectedValue | None:
    """Return the metric that labels contradict most clearly, by a level divided among all."""
    if not cell.corrected:
        return None
    worst = min(cell.corrected, key=lambda one: one.p_value)
    return worst if worst.p_value * len(cell.corrected) < CONTRADICTED_BELOW else None


def _contradictions(days: Mapping[int, EstimatedCell]) -> Iterator[str]:
    """Tell of the newest day that labels contradict, or that they agree."""
    looked_at = {at: cell for at, cell in days.items() if cell.corrected}
    if not looked_at:
        yield (
            f"No day of this window has {LEAST_LABELS} labels and all that will come: nothing there"
            " confirms or contradicts the estimates."
        )
        return
    bad = {at: worst for at, cell in looked_at.items() if (worst := contradicted(cell))}
    if not bad:
        many = "1 day" if len(looked_at) == 1 else f"{len(looked_at)} days"
        yield f"On {many} with {LEAST_LABELS} labels or more, none contradicts its estimate."
        return
    at, worst = max(bad.items())
    guess = next(one for one in looked_at[at].values if one.name == worst.name)
    day = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"
    yield (
        f"Labels contradict the estimates on {len(bad)} of {len(looked_at)} days with labels; by"
        " chance they would on one in a hundred, if labels of a day do not depend on each other."
        f" On {day} {METRICS[worst.name].label} was estimated at {guess.value:.3g}; by"
        f" {worst.labelled:,} labels it is {worst.value:.3g} ({worst.low:.3g} to {worst.high:.3g})."
        " Believe the labels: the relation of inputs and labels may have changed."
    )


def _refusals(cells: Mapping[int, EstimatedCell], step: int) -> Iterator[str]:
    refused = [at for at, cell in cells.items() if cell.refused is not None]
    if refused:
        last = cells[max(refused)].refused
        what = "days" if step == DAY else "hours"
        yield f"Of {len(refused)} of {len(cells)} {what} nothing can be known. Of the last: {last}"


def _score(scores: Sequence[EstimateScore], step: int) -> Iterator[str]:
    if not scores:
        return
    one = scores[0]
    than = (
        ""
        if one.unchanged_error is None
        else f" ({one.unchanged_error:.3g} if one said that nothing changes)"
    )
    what = "days" if step == DAY else "hours"
    yield (
        f"Of {one.steps} past {what} whose labels are there, {METRICS[one.metric].label} was off by"
        f" {one.error:.3g} on average{than}, and {one.inside_ratio:.0%} lay inside their interval."
    )


def _versions(names: Sequence[str]) -> str:
    shown = ", ".join(name or "predictions without a version" for name in names[:3])
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"version {shown}{more}" if len(names) == 1 else f"versions {shown}{more}"
