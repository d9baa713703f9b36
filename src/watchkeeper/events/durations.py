"""Lengths of time as people write them."""

from __future__ import annotations

import re
from datetime import timedelta

from watchkeeper.errors import SettingsError

_UNITS = {
    "s": timedelta(seconds=1),
    "sec": timedelta(seconds=1),
    "second": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "minute": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "hour": timedelta(hours=1),
    "d": timedelta(days=1),
    "day": timedelta(days=1),
    "w": timedelta(weeks=1),
    "week": timedelta(weeks=1),
}
_DURATION = re.compile(r"\s*(?P<n>\d+(?:\.\d+)?)?\s*(?P<unit>[a-zA-Z]+)\s*")


def parse_duration(text: str) -> timedelta:
    """Read a duration such as ``5m``, ``1h``, ``30 days`` or ``day``.

    Raises
    ------
    SettingsError
        If the unit is unknown or the duration is not positive.

    Examples
    --------
    >>> parse_duration("90m")
    datetime.timedelta(seconds=5400)
    """
    match = _DURATION.fullmatch(text)
    if match is not None:
        name = match["unit"] if match["unit"] in _UNITS else match["unit"].lower().rstrip("s")
        unit = _UNITS.get(name)
        if unit is not None:
            length = unit * float(match["n"] or 1)
            if length > timedelta(0):
                return length
    raise SettingsError(
        f"duration {text!r} is not understood; write a number and a unit of"
        " s, m, h, d or w, for example '1h'"
    )
