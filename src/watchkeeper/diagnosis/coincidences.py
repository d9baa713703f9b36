"""What else changed at the time of an incident, in the data's making rather than in the model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CoincidenceKind: TypeAlias = Literal[
    "null rate", "new category", "schema", "volume", "version", "variant", "traffic mix"
]

_MOST_BUCKETS = 24
_LEAST_BUCKETS = 3
_LEAST_CALM = 20
_FAR = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A number over the buckets around an incident.

    Attributes
    ----------
    subject
        The column, version, or segment it is about.
    values
        Shape (buckets,); NaN where nothing is known.
    least_change
        Smaller changes are not worth a word.
    """

    kind: CoincidenceKind
    subject: str
    values: Floats
    least_change: float = 0.0


class Coincidence(msgspec.Struct, frozen=True, kw_only=True):
    """Something that changed at the same time.

    Attributes
    ----------
    before, after
        Its mean over the buckets before and after the step, 24 at most each.
    times_usual
        The step over the usual size of steps before the incident.
    lead_buckets
        How many buckets before the incident's onset it happened; below 0 for after. ``None`` where
        only the whole time was compared.
    text
        For people.
    """

    kind: CoincidenceKind
    subject: str
    before: float
    after: float
    times_usual: float | None
    lead_buckets: int | None
    text: str


def find_coincidences(
    courses: Iterable[Course], onset: int, *, ended: int | None = None, most: int = 8
) -> tuple[Coincidence, ...]:
    """Return the steps that stand out near an onset, the most unusual first.

    A step is looked for up to 6 buckets before and after the onset: where the means of the buckets
    on both sides differ most. It is told when it is five times the usual size of such steps over
    the calm buckets before, so a course that wanders all the time coincides with nothing.
    Coincidence in time is a hint, not a cause.

    Parameters
    ----------
    onset
        Place of the incident's first bucket.
    ended
        Place after its last one; ``None`` if it goes on.

    Examples
    --------
    >>> nulls = np.where(np.arange(60) < 40, 0.01, 0.3) + 0.001 * np.sin(np.arange(60))
    >>> course = Course(kind="null rate", subject="age", values=nulls)
    >>> find_coincidences([course], 41)[0].text
    'nulls of age: 1 % before, 30 % after'
    """
    found = [one for course in courses if (one := _step(course, onset, ended)) is not None]
    found.sort(key=lambda one: -(one.times_usual or 0.0))
    return tuple(found[:most])


def _step(course: Course, onset: int, ended: int | None) -> Coincidence | None:
    values = course.values[:ended]
    near = range(max(onset - 6, _LEAST_BUCKETS), min(onset + 7, len(values) - _LEAST_BUCKETS + 1))
    steps = {place: _means(values, place) for place in near}
    known = {place: pair for place, pair in steps.items() if pair is not None}
    if not known:
        return None
    # Where the sums of squares within the two sides are least, weighed by their lengths.
    place = max(known, key=lambda at: _contrast(values, at, known[at]))
    before, after = known[place]
    usual = _usual(values[: max(onset - 6, 0)])
    size = abs(after - before)
    if usual is None or size <= course.least_change:
        return None
    times = size / max(usual, 1e-12, course.least_change / _FAR)
    if times < _FAR:
        return None
    return Coincidence(
        kind=course.kind,
        subject=course.subject,
        before=before,
        after=after,
        times_usual=min(times, 1e6),
        lead_buckets=onset - place,
        text=coincidence_text(course.kind, course.subject, before, after),
    )


def _means(values: Floats, place: int) -> tuple[float, float] | None:
    before = values[max(place - _MOST_BUCKETS, 0) : place]
    after = values[place : place + _MOST_BUCKETS]
    before, after = before[~np.isnan(before)], after[~np.isnan(after)]
    if len(before) < _LEAST_BUCKETS or not len(after):
        return None
    return float(before.mean()), float(after.mean())


def _contrast(values: Floats, place: int, means: tuple[float, float]) -> float:
    before = min(place, _MOST_BUCKETS)
    after = min(len(values) - place, _MOST_BUCKETS)
    return abs(means[1] - means[0]) * float(np.sqrt(before * after / (before + after)))


def _usual(calm: Floats) -> float | None:
    """Return the usual size of steps, ``None`` if there is too little to say."""
    calm = calm[~np.isnan(calm)]
    if len(calm) < _LEAST_CALM:
        return None
    width = min(_MOST_BUCKETS, len(calm) // 4)
    sums = np.concatenate([[0.0], np.cumsum(calm)])
    means = (sums[width:] - sums[:-width]) / width
    steps = np.abs(means[width:] - means[:-width])
    return float(np.sqrt(np.mean(steps**2)))


def coincidence_text(kind: CoincidenceKind, subject: str, before: float, after: float) -> str:
    """Return a step as text."""
    shown = [f"{x:,.4g}" if kind == "volume" else _percent(x) for x in (before, after)]
    what = {
        "null rate": f"nulls of {subject}",
        "new category": f"values of {subject} that the reference does not have",
        "schema": f"values of {subject} of another type",
        "volume": "predictions per bucket",
        "version": f"traffic of version {subject}",
        "variant": f"traffic of variant {subject}",
        "traffic mix": f"traffic of {subject}",
    }[kind]
    return f"{what}: {shown[0]} before, {shown[1]} after"


def _percent(ratio: float) -> str:
    percent = 100.0 * ratio
    return f"{percent:.2g} %" if percent < 10.0 else f"{percent:.0f} %"


def courses_of_shares(
    kind: CoincidenceKind, names: Sequence[str], counts: Floats, *, least_change: float
) -> list[Course]:
    """Return each group's part of the rows, from counts of shape (groups, buckets)."""
    total = counts.sum(axis=0)
    shares = np.where(total > 0, counts / np.maximum(total, 1.0), np.nan)
    return [
        Course(kind=kind, subject=name, values=row, least_change=least_change)
        for name, row in zip(names, shares, strict=True)
    ]
