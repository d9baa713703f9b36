"""How many of a model's predictions were outliers, over time, beside how many are expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec

from watchkeeper.errors import StoreError
from watchkeeper.pipeline.outlier_fitting import OutlierFacts
from watchkeeper.pipeline.outliers.incidents import OUTLIERS
from watchkeeper.pipeline.quality_incident import open_incident
from watchkeeper.store import DAY, HOUR, IncidentKey, KeptScorer, OutlierCell, Store
from watchkeeper.watch.outliers import scorer_from_bytes

_STEPS = (HOUR, 3 * HOUR, 6 * HOUR, DAY, 7 * DAY)
_MOST_STEPS = 400
_USUAL_DAYS = 7


class OutlierCourse(msgspec.Struct, frozen=True, kw_only=True):
    """Outliers among the predictions that came since the newest baseline.

    Attributes
    ----------
    state
        Whether predictions are scored, that is switched off, or there is nothing to score them by.
    baseline_version, reference_rows, columns
        What they are scored by: rows of the baseline's reference, and the columns looked at.
    usual_ratio
        Part of rows like the reference's, but unseen, that are outliers.
    step_seconds, starts, scored, outliers
        Predictions that were scored and outliers among them, of each step that had some, by the
        time of the prediction.
    incident
        The incident that is open.
    said
        What is to be known of it, for people.
    """

    model: str
    state: Literal["scored", "off", "none"]
    baseline_version: int | None
    reference_rows: int
    columns: list[str]
    usual_ratio: float | None
    step_seconds: int
    starts: list[datetime]
    scored: list[int]
    outliers: list[int]
    incident: str | None
    said: list[str]


def outlier_course(
    store: Store, model: str, *, start: datetime | None, end: datetime | None
) -> OutlierCourse:
    """Return how many predictions were outliers, of whole hours with ``start <= time < end``.

    Parameters
    ----------
    start, end
        Left out: the last 7 days of predictions.
    """
    scorer = store.outliers.scorer(model)
    facts = OutlierFacts.from_bytes(b"" if scorer is None else scorer.facts)
    first, last = _window(store, model, start, end)
    cells = [] if scorer is None else store.outliers.cells(scorer.number, start=first, end=last)
    step = next((one for one in _STEPS if (last - first) <= one * _MOST_STEPS), _STEPS[-1])
    steps = list(_stepped(cells, step))
    quality = store.operating.in_force(model).quality
    is_off = quality is not None and not quality.outliers
    damage = None if scorer is None or not scorer.has_payload else _damage(store, scorer)
    has_scorer = scorer is not None and scorer.has_payload and damage is None
    return OutlierCourse(
        model=model,
        state="off" if is_off else "scored" if has_scorer else "none",
        baseline_version=None if scorer is None else scorer.baseline_version,
        reference_rows=facts.rows,
        columns=list(facts.columns),
        usual_ratio=facts.ratio,
        step_seconds=step,
        starts=[datetime.fromtimestamp(one.start, UTC) for one in steps],
        scored=[one.scored for one in steps],
        outliers=[one.outliers for one in steps],
        incident=_open_incident(store, model),
        said=list(_said(scorer, facts, damage, is_off=is_off)),
    )


def _window(
    store: Store, model: str, start: datetime | None, end: datetime | None
) -> tuple[int, int]:
    newest = store.newest_time(model)
    last = int((end or newest or datetime.now(UTC)).timestamp())
    last = last if end is not None else last // HOUR * HOUR + HOUR
    first = last - _USUAL_DAYS * DAY if start is None else int(start.timestamp())
    return -(-first // HOUR) * HOUR, last


def _stepped(cells: Sequence[OutlierCell], step: int) -> Iterator[OutlierCell]:
    sums: dict[int, tuple[int, int]] = {}
    for cell in cells:
        place = cell.start // step * step
        scored, outliers = sums.get(place, (0, 0))
        sums[place] = scored + cell.scored, outliers + cell.outliers
    for place, (scored, outliers) in sorted(sums.items()):
        yield OutlierCell(place, scored, outliers)


def _open_incident(store: Store, model: str) -> str | None:
    one = open_incident(store, model, OUTLIERS)
    if one is None:
        return None
    return str(IncidentKey(model=model, version=0, incident_id=one.incident_id))


def _damage(store: Store, scorer: KeptScorer) -> str | None:
    """Return why a scorer cannot be used, ``None`` if it can."""
    try:
        scorer_from_bytes(store.outliers.payload(scorer.number) or b"")
    except StoreError as error:
        return str(error)
    return None


def _said(
    scorer: KeptScorer | None, facts: OutlierFacts, damage: str | None, *, is_off: bool
) -> Iterator[str]:
    if is_off:
        yield "It is switched off: quality.outliers is false in the model's operating settings."
    elif scorer is None or not scorer.facts:
        yield (
            "Nothing says what is usual: there is no baseline, or it was set before predictions"
            " were scored. Set one anew."
        )
    elif damage is not None:
        yield f"Predictions are kept without a score: {damage}. A new baseline brings another."
    elif not scorer.has_payload:
        yield (
            f"The baseline's reference has {facts.rows:,} rows; 100 with at least one number or"
            " category among the watched columns are needed to tell what is usual."
        )
