"""Spans that may overlap, as bars in lanes above a plot."""

from __future__ import annotations

from collections.abc import Sequence

from watchkeeper.report.charts.svg import Band
from watchkeeper.report.markup import Markup, element

LANE_HEIGHT = 17
_BAR_HEIGHT = 7
_MOST_LANES = 8
_LABEL_PERCENT = 6.0
_LEAST_PERCENT = 0.4


def pack(bands: Sequence[Band], buckets: int) -> list[tuple[int, Band]]:
    """Give each band the first lane in which it, and the number before it, touches no other.

    Bands for which eight lanes do not suffice are left out.

    Examples
    --------
    >>> bands = [Band(start=0, stop=50), Band(start=20, stop=30), Band(start=60, stop=70)]
    >>> [lane for lane, _ in pack(bands, 100)]
    [0, 1, 0]
    """
    ends: list[float] = []
    placed: list[tuple[int, Band]] = []
    reserve = _LABEL_PERCENT / 100 * buckets
    for band in sorted(bands, key=lambda band: band.start):
        first = band.start - reserve
        lane = next((i for i, end in enumerate(ends) if end <= first), len(ends))
        if lane == len(ends):
            if lane == _MOST_LANES:
                continue
            ends.append(0.0)
        ends[lane] = band.stop
        placed.append((lane, band))
    return placed


def height(placed: Sequence[tuple[int, Band]]) -> int:
    """Pixels that the lanes take."""
    return LANE_HEIGHT * (1 + max((lane for lane, _ in placed), default=-1))


def draw(placed: Sequence[tuple[int, Band]], buckets: int) -> list[Markup]:
    """Draw bars, their numbers before them, in percent across and pixels from the top."""
    drawn = []
    for lane, band in placed:
        left = max(0.0, 100 * band.start / max(1, buckets))
        width = max(_LEAST_PERCENT, 100 * band.stop / max(1, buckets) - left)
        middle = lane * LANE_HEIGHT + LANE_HEIGHT / 2
        bar = element(
            "rect",
            x=f"{left:.4g}%",
            width=f"{width:.4g}%",
            y=middle - _BAR_HEIGHT / 2,
            height=_BAR_HEIGHT,
            rx=2,
            class_="incident-bar",
        )
        number = element(
            "text",
            band.text,
            x=f"{left:.4g}%",
            dx=-5,
            y=middle + 4,
            text_anchor="end",
            class_="incident-number",
        )
        drawn += [bar, number]
    return drawn


def union(bands: Sequence[Band]) -> list[Band]:
    """Merge what overlaps.

    Examples
    --------
    >>> union([Band(start=0, stop=5), Band(start=3, stop=9), Band(start=20, stop=21)])[0].stop
    9
    """
    merged: list[Band] = []
    for band in sorted(bands, key=lambda band: band.start):
        if merged and band.start <= merged[-1].stop:
            last = merged.pop()
            merged.append(Band(start=last.start, stop=max(last.stop, band.stop)))
        else:
            merged.append(Band(start=band.start, stop=band.stop))
    return merged
