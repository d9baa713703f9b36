"""The picture of an incident: its column beside what was expected, and the evidence."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from watchkeeper.actions.canvas import Canvas, Point
from watchkeeper.actions.notice import Severity

_WIDTH, _HEIGHT = 1200, 640
_LEFT, _RIGHT = 118, 1160
_INK, _QUIET, _FAINT = "#1d2733", "#6a7683", "#e4e8ec"
_BAND, _LINE, _COMING = "#dbe4ee", "#2f6db3", "#9db4cd"
_NEAR: Final = 28
_SPAN: Final[dict[Severity, str]] = {"critical": "#fdeceb", "warning": "#fdf3e1"}
_LOUD: Final[dict[Severity, str]] = {"critical": "#c5332b", "warning": "#b8700a"}
_LEAST_EVIDENCE: Final = 0.01
_MOST_EVIDENCE: Final = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A value that matters, such as a budget."""

    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One figure over the buckets; ``nan`` where there is none.

    Attributes
    ----------
    name
        What it is.
    low, high
        Between them lies what is usual, or to come; empty if that is not known.
    band
        What lies there.
    coming
        What is forecast; empty if nothing is.
    levels
        Drawn through all buckets.
    """

    name: str
    observed: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    band: str = "what is usual"
    coming: Sequence[float] = ()
    levels: Sequence[Level] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What to draw.

    Attributes
    ----------
    starts
        Of the buckets; ``None`` for rows without times.
    since, until
        Which of the buckets the incident covers: ``since <= i < until``.
    evidence
        Of each bucket, as a multiple of what opens an incident.
    is_open
        Whether it goes on.
    began
        What the first of them is called.
    times
        How they are written, as `datetime.strftime` takes it.
    """

    title: str
    text: str
    severity: Severity
    starts: Sequence[datetime | None]
    since: int
    until: int
    is_open: bool
    began: str = "since"
    times: str = "%d %b %H:%M"
    timezone: str = "UTC"
    course: Course | None = None
    evidence: Sequence[float] = ()


def drawn(picture: Picture) -> bytes:
    """Return the PNG of a picture, 1200 x 640 pixels.

    Time runs to the right; what the incident covers is shaded.
    """
    canvas = Canvas(_WIDTH, _HEIGHT)
    canvas.box(0, 0, 12, _HEIGHT, _LOUD[picture.severity])
    width = _RIGHT - 44.0
    title = canvas.fitting(picture.title, width, size=34)
    canvas.words((44, 58), title, _INK, size=34)
    for at, line in enumerate(canvas.lines(picture.text, width, size=22, most=2)):
        canvas.words((44, 96 + 30 * at), line, _QUIET, size=22)
    course, evidence = picture.course, picture.evidence
    if course is not None and evidence:
        _draw_course(canvas, picture, course, 180, 410)
        _draw_evidence(canvas, picture, 464, 580)
    elif course is not None:
        _draw_course(canvas, picture, course, 180, 580)
    elif evidence:
        _draw_evidence(canvas, picture, 180, 580)
    _draw_times(canvas, picture)
    return canvas.png()


def _draw_course(
    canvas: Canvas, picture: Picture, course: Course, top: float, bottom: float
) -> None:
    _shade(canvas, picture, top, bottom)
    levels = [level.value for level in course.levels]
    parts = (course.observed, course.low, course.high, course.coming, levels)
    known = [v for part in parts for v in part if _is(v)]
    low, high = _padded(min(known, default=0.0), max(known, default=1.0))

    def place(value: float) -> float:
        return bottom - (bottom - top) * (value - low) / (high - low)

    for value in _ticks(low, high):
        canvas.line([(_LEFT, place(value)), (_RIGHT, place(value))], _FAINT, thickness=1)
        canvas.words((_LEFT - 12, place(value)), f"{value:.4g}", _QUIET, size=18, anchor="rm")
    for begin, end in _runs(
        [_is(a) and _is(b) for a, b in zip(course.low, course.high, strict=True)]
    ):
        upper = [(_x(picture, i), place(course.high[i])) for i in range(begin, end)]
        lower = [(_x(picture, i), place(course.low[i])) for i in range(begin, end)]
        canvas.area(upper + lower[::-1], _BAND)
    for begin, end in _runs([_is(value) for value in course.coming]):
        points = [(_x(picture, i), place(course.coming[i])) for i in range(begin, end)]
        canvas.line(points, _COMING, thickness=2)
    _draw_levels(canvas, course.levels, place)
    for begin, end in _runs([_is(value) for value in course.observed]):
        points = [(_x(picture, i), place(course.observed[i])) for i in range(begin, end)]
        _draw_run(canvas, picture, points, begin)
    name = f"{course.name}, and {course.band}" if course.low else course.name
    canvas.words((_LEFT, top - 12), name, _INK, size=19)


def _draw_levels(canvas: Canvas, levels: Sequence[Level], place: Callable[[float], float]) -> None:
    names: list[tuple[float, str]] = []
    for level in sorted(levels, key=lambda one: one.value):
        y = place(level.value)
        canvas.dashes((_LEFT, y), (_RIGHT, y), _INK, thickness=1.5)
        name = level.name
        if names and names[-1][0] - y < _NEAR:  # else one would stand on the other's line
            name = f"{names.pop()[1]}; {name}"
        names.append((y, name))
    for y, name in names:
        canvas.words((_LEFT + 8, y - 7), name, _INK, size=17)


def _draw_run(canvas: Canvas, picture: Picture, points: Sequence[Point], begin: int) -> None:
    if len(points) > 1:
        canvas.line(points, _LINE, thickness=2.5)
    covered = [p for i, p in enumerate(points, begin) if picture.since <= i < picture.until]
    if len(covered) > 1:
        canvas.line(covered, _LOUD[picture.severity], thickness=3.5)
    for point in covered if len(covered) <= 60 else points if len(points) == 1 else []:
        canvas.dot(point, _LOUD[picture.severity])


def _draw_evidence(canvas: Canvas, picture: Picture, top: float, bottom: float) -> None:
    _shade(canvas, picture, top, bottom)
    most = max(10.0, *(min(v, _MOST_EVIDENCE) for v in picture.evidence if _is(v)), 10.0)
    lowest, highest = math.log10(_LEAST_EVIDENCE), math.log10(most) + 0.1

    def place(value: float) -> float:
        exponent = math.log10(min(max(value, _LEAST_EVIDENCE), _MOST_EVIDENCE))
        return bottom - (bottom - top) * (exponent - lowest) / (highest - lowest)

    half = max(1.0, 0.38 * (_RIGHT - _LEFT) / max(len(picture.evidence), 1))
    for i, value in enumerate(picture.evidence):
        if _is(value) and value > _LEAST_EVIDENCE:
            color = _LOUD[picture.severity] if value >= 1.0 else "#9db4cd"
            x = _x(picture, i)
            canvas.box(x - half, place(value), x + half, bottom, color)
    canvas.line([(_LEFT, bottom), (_RIGHT, bottom)], _FAINT, thickness=1)
    canvas.dashes((_LEFT, place(1.0)), (_RIGHT, place(1.0)), _LOUD[picture.severity])
    canvas.words((_LEFT - 12, place(1.0)), "opens at 1", _QUIET, size=16, anchor="rm")
    canvas.words((_LEFT, top - 12), "evidence of all columns", _INK, size=19)


def _draw_times(canvas: Canvas, picture: Picture) -> None:
    count = len(picture.starts)
    ended = "now" if picture.is_open else "over"
    for i in sorted({0, picture.since, count - 1}):
        x = _x(picture, i)
        if i != picture.since and abs(x - _x(picture, picture.since)) < 300:
            continue
        anchor = "lt" if i == 0 and x < _LEFT + 90 else "rt" if x > _RIGHT - 90 else "mt"
        text = _when(picture, i)
        if i == 0:
            text = _with_zone(picture, text)
        if i == picture.since:
            text = f"{picture.began} {text}"
        elif i == count - 1 and picture.until >= count:
            text = f"{text}, {ended}"
        color = _LOUD[picture.severity] if i == picture.since else _QUIET
        canvas.words((x, 596), text, color, size=18, anchor=anchor)


def _when(picture: Picture, i: int) -> str:
    start = picture.starts[i]
    if start is None:
        return f"bucket {i}"
    return start.astimezone(ZoneInfo(picture.timezone)).strftime(picture.times)


def _with_zone(picture: Picture, text: str) -> str:
    return text if picture.starts[0] is None else f"{text} {picture.timezone}"


def _shade(canvas: Canvas, picture: Picture, top: float, bottom: float) -> None:
    half = 0.5 * (_RIGHT - _LEFT) / max(len(picture.starts), 1)
    left, right = _x(picture, picture.since) - half, _x(picture, picture.until - 1) + half
    canvas.box(left, top, right, bottom, _SPAN[picture.severity])


def _x(picture: Picture, i: int) -> float:
    return _LEFT + (_RIGHT - _LEFT) * (i + 0.5) / max(len(picture.starts), 1)


def _is(value: float) -> bool:
    return math.isfinite(value)


def _padded(low: float, high: float) -> tuple[float, float]:
    room = 0.08 * (high - low) or 0.5 * abs(high) or 0.5
    return low - room, high + room


def _ticks(low: float, high: float) -> list[float]:
    """Return three to six round values between two."""
    step = 10.0 ** math.floor(math.log10((high - low) / 3))
    step *= next(m for m in (5, 2.5, 2, 1) if (high - low) / (step * m) >= 3)
    first = math.ceil(low / step)
    return [n * step for n in range(first, math.floor(high / step) + 1)]


def _runs(known: Sequence[bool]) -> list[tuple[int, int]]:
    """Return where what is known begins and ends, without the gaps."""
    found: list[tuple[int, int]] = []
    for i, is_known in enumerate(known):
        if is_known and found and found[-1][1] == i:
            found[-1] = found[-1][0], i + 1
        elif is_known:
            found.append((i, i + 1))
    return found
