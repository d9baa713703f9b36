"""Times as they come in data, to aware UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.errors import SettingsError, nearest

UTC_TIME = pa.timestamp("us", "UTC")
"""The one type of time stamps inside Watchkeeper."""

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_EARLIEST = (datetime(1, 1, 1, tzinfo=UTC) - _START) // _MICROSECOND
_LATEST = (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - _START) // _MICROSECOND
_PER_UNIT = {"s": 1_000_000, "ms": 1_000, "us": 1}
_ZONED = r":\d{2}(\.\d+)?\s?([zZ]|[+-]\d{2}(:?\d{2})?)$"
_NAIVE = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}(:\d{2}(:\d{2}(\.\d+)?)?)?)?$"
_EPOCH = r"^-?\d{9,19}(\.\d+)?$"
_LONG_FRACTION = r"([:.,]\d{2}[.,]\d{6})\d+"
_NAMED_ZONE = re.compile(r"(.*\d)\s*\[?((?:UTC|GMT|[A-Z][A-Za-z_]+/[A-Za-z_/+-]+[0-9]*))\]?\Z")


def to_utc(
    array: pa.Array | pa.ChunkedArray, *, timezone: str | None = None
) -> tuple[pa.Array, list[int]]:
    """Return the same times as aware UTC in microseconds, and where there was no time.

    Accepts time stamps of any unit with or without a zone, dates, ISO 8601 text (zones may
    differ from row to row), and numbers: seconds, milliseconds, microseconds or nanoseconds since
    1970, told apart by the median's size, or dates written as ``20130131``.

    Parameters
    ----------
    array
        Times; nulls stay null.
    timezone
        Zone of the times that name none, for example ``Europe/Zurich``; ``None`` means UTC. Where
        clocks go back, an hour comes twice and the first one is meant. Where they go forward, an
        hour does not exist, and a time in it is bad.

    Returns
    -------
    Times between the years 1 and 9999, null where the input is null or bad; and the positions of
    the bad ones, ascending.

    Raises
    ------
    SettingsError
        The time zone is unknown.

    Examples
    --------
    >>> times, bad = to_utc(pa.array(["2013-01-01T05:00:00-05:00", "soon"]))
    >>> str(times[0]), bad
    ('2013-01-01 10:00:00+00:00', [1])
    """
    if timezone is not None:
        check_timezone(timezone)
    values = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    present = pc.is_valid(values).to_numpy(zero_copy_only=False)
    micros, valid = _convert(values, present, timezone)
    valid &= present & (micros >= _EARLIEST) & (micros <= _LATEST)
    times = pa.array(np.where(valid, micros, 0), pa.int64(), mask=~valid).cast(UTC_TIME)
    return times, np.flatnonzero(present & ~valid).tolist()


def check_timezone(timezone: str) -> ZoneInfo:
    """Return the zone of that name.

    Raises
    ------
    SettingsError
        There is none; the message names the nearest.
    """
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(
            f"A time zone like 'Europe/Zurich' was expected, not {timezone!r}."
            f"{nearest(timezone, available_timezones())}"
        ) from error


def is_skipped(text: str, timezone: str) -> bool:
    """Return whether it is a wall-clock time that the zone's clocks went forward over."""
    if to_utc(pa.array([text]))[1]:
        return False
    return bool(to_utc(pa.array([text]), timezone=timezone)[1])


def is_out_of_place(times: pa.Array, *, now: datetime) -> tuple[list[int], list[int]]:
    """Return the positions of times in the future and of times before 1970.

    Parameters
    ----------
    times
        Aware UTC, microseconds.
    now
        A day later is not yet the future, for clocks and zones that differ.
    """
    latest = (now - _START + timedelta(days=1)) // _MICROSECOND
    micros = times.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    return np.flatnonzero(micros > latest).tolist(), np.flatnonzero(micros < 0).tolist()


def _convert(
    values: pa.Array, present: np.ndarray, timezone: str | None
) -> tuple[np.ndarray, np.ndarray]:
    """Microseconds since 1970 and whether each is one; garbage where it is not."""
    kind = values.type
    if pa.types.is_timestamp(kind):
        return _from_timestamps(values, present, timezone)
    if pa.types.is_date(kind):
        days = values.cast(pa.date32()).cast(pa.int32()).fill_null(0).to_numpy().astype(np.int64)
        inside = np.abs(days) < 4_000_000
        return _localise(np.where(inside, days, 0) * 86_400_000_000, inside & present, timezone)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view():
        return _from_text(values.cast(pa.string()), present, timezone)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _from_numbers(values, present, timezone)
    return np.zeros(len(values), np.int64), np.zeros(len(values), bool)


def _from_timestamps(
    values: pa.Array, present: np.ndarray, timezone: str | None
) -> tuple[np.ndarray, np.ndarray]:
    raw = values.cast(pa.int64()).fill_null(0).to_numpy()
    if values.type.unit == "ns":
        micros, valid = raw // 1_000, present.copy()
    else:
        factor = _PER_UNIT[values.type.unit]
        valid = present & (raw >= _EARLIEST // factor) & (raw <= _LATEST // factor)
        micros = np.where(valid, raw, 0) * factor
    return (micros, valid) if values.type.tz else _localise(micros, valid, timezone)


def _from_numbers(
    values: pa.Array, present: np.ndarray, timezone: str | None
) -> tuple[np.ndarray, np.ndarray]:
    """Epoch numbers; the median tells the unit, so that one odd value does not change it."""
    raw = values.cast(pa.float64(), safe=False).fill_null(np.nan).to_numpy(zero_copy_only=False)
    finite = present & np.isfinite(raw)
    if not finite.any():
        return np.zeros(len(raw), np.int64), np.zeros(len(raw), bool)
    middle = float(np.median(np.abs(raw[finite])))
    if 18_000_101 <= middle <= 22_001_231 and pa.types.is_integer(values.type):
        days, valid = _from_text(values.cast(pa.string()), present, timezone)
        if valid[finite].mean() > 0.5:
            return days, valid
    per_unit = 1e6 if middle < 1e11 else 1e3 if middle < 1e14 else 1.0 if middle < 1e17 else 1e-3
    with np.errstate(over="ignore"):
        scaled = np.round(raw * per_unit)
    valid = finite & (np.abs(scaled) < 2.0**62)
    micros = np.where(valid, scaled, 0).astype(np.int64)
    if pa.types.is_integer(values.type) and per_unit <= 1.0:  # beyond a double's 53 bits
        exact = values.cast(pa.int64(), safe=False).fill_null(0).to_numpy()
        micros = np.where(valid, exact if per_unit == 1.0 else exact // 1_000, 0)
    return micros, valid


def _from_text(
    values: pa.Array, present: np.ndarray, timezone: str | None
) -> tuple[np.ndarray, np.ndarray]:
    """Read common forms of ISO 8601 in bulk, the odd ones one distinct value at a time."""
    whole = _cast(values, UTC_TIME)
    if whole is not None:
        return whole, present.copy()
    whole = _cast(values, pa.timestamp("us"))
    if whole is not None:
        return _localise(whole, present, timezone)
    text = pc.replace_substring_regex(values, _LONG_FRACTION, r"\1")
    zoned = pc.match_substring_regex(text, _ZONED).fill_null(False)
    is_zoned = zoned.to_numpy(zero_copy_only=False)
    plain = pc.match_substring_regex(text, _NAIVE).fill_null(False)
    is_plain = plain.to_numpy(zero_copy_only=False)
    micros = np.zeros(len(values), np.int64)
    valid = np.zeros(len(values), bool)
    aware = _cast(text.filter(zoned), UTC_TIME)
    if aware is not None:
        micros[is_zoned], valid[is_zoned] = aware, True
    naive = _cast(text.filter(plain), pa.timestamp("us"))
    if naive is not None:
        micros[is_plain], valid[is_plain] = _localise(naive, np.ones(len(naive), bool), timezone)
    done = (is_zoned & (aware is not None)) | (is_plain & (naive is not None))
    epoch = pc.match_substring_regex(values, _EPOCH).fill_null(False)
    is_epoch = epoch.to_numpy(zero_copy_only=False) & ~done
    if is_epoch.any():
        numbers = _numbers(values.filter(pa.array(is_epoch)))
        micros[is_epoch], valid[is_epoch] = _from_numbers(
            numbers, np.ones(len(numbers), bool), timezone
        )
    odd = np.flatnonzero(present & ~done & ~is_epoch)
    if len(odd):
        _read_odd(values, odd, micros, valid, timezone)
    return micros, valid


def _numbers(text: pa.Array) -> pa.Array:
    """Digits, with a fraction or without, as numbers."""
    try:
        return text.cast(pa.int64())
    except pa.ArrowInvalid:
        return text.cast(pa.float64())


def _cast(text: pa.Array, kind: pa.DataType) -> np.ndarray | None:
    try:
        pc.cast(text[:20], kind)  # a cast that fails still takes its time over all values
        return np.asarray(pc.cast(text, kind).cast(pa.int64()).fill_null(0).to_numpy())
    except pa.ArrowInvalid:
        return None


def _read_odd(
    values: pa.Array, odd: np.ndarray, micros: np.ndarray, valid: np.ndarray, timezone: str | None
) -> None:
    distinct = values.take(pa.array(odd)).dictionary_encode()
    read = [_read_one(text, timezone) for text in distinct.dictionary.to_pylist()]
    which = distinct.indices.to_numpy()
    numbers = np.array([0 if one is None else one for one in read], np.int64)
    good = np.array([one is not None for one in read], bool)
    micros[odd], valid[odd] = numbers[which], good[which]


def _read_one(text: str, timezone: str | None) -> int | None:
    text = text.strip()
    try:
        named = _NAMED_ZONE.match(text)
        zone = ZoneInfo(named[2]) if named else None
        moment = datetime.fromisoformat((named[1] if named else text).replace(",", "."))
        zone = zone or (ZoneInfo(timezone) if timezone else ZoneInfo("UTC"))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
            if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=zone) != moment:
                return None  # in the gap when clocks go forward
        return (moment.astimezone(UTC) - _START) // _MICROSECOND
    except (ValueError, OverflowError, OSError, KeyError, pa.ArrowException):
        return None


def _localise(
    micros: np.ndarray, valid: np.ndarray, timezone: str | None
) -> tuple[np.ndarray, np.ndarray]:
    """Wall-clock microseconds of a zone to UTC; not valid where the wall clock skipped them."""
    if timezone in (None, "UTC"):
        return micros, valid
    valid = valid & (micros >= _EARLIEST) & (micros <= _LATEST)
    naive = pa.array(np.where(valid, micros, 0)).cast(pa.timestamp("us"))
    try:
        aware = pc.assume_timezone(naive, timezone, ambiguous="earliest", nonexistent="earliest")
        there_and_back = pc.local_timestamp(aware)
    except pa.ArrowInvalid:  # no time-zone database on this system; the tzdata package has one
        return _localise_slowly(micros, valid, ZoneInfo(timezone or "UTC"))
    exists = pc.equal(there_and_back, naive).to_numpy(zero_copy_only=False)
    return aware.cast(pa.int64()).to_numpy(), valid & exists


def _localise_slowly(
    micros: np.ndarray, valid: np.ndarray, zone: ZoneInfo
) -> tuple[np.ndarray, np.ndarray]:
    """Look the offset up once per distinct minute."""
    minutes, which = np.unique(np.where(valid, micros, 0) // 60_000_000, return_inverse=True)
    offsets = np.zeros(len(minutes), np.int64)
    exists = np.ones(len(minutes), bool)
    for at, minute in enumerate(minutes.tolist()):
        wall = datetime(1970, 1, 1) + timedelta(minutes=minute)
        local = wall.replace(tzinfo=zone)
        offsets[at] = (local.utcoffset() or timedelta()) // _MICROSECOND
        exists[at] = local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall
    return micros - offsets[which], valid & exists[which]


def aware_time(given: datetime | str | None, timezone: str, *, name: str) -> datetime | None:
    """Return a time that a person wrote, in UTC; ``None`` stays ``None``.

    Parameters
    ----------
    given
        A date or time, such as ``2013-04-01`` or ``2013-04-01T12:00:00Z``.
    timezone
        Zone of a time that names none.
    name
        What the setting is called, for the message.

    Raises
    ------
    SettingsError
        If it is not a time.

    Examples
    --------
    >>> aware_time("2013-04-01", "America/New_York", name="until").isoformat()
    '2013-04-01T04:00:00+00:00'
    """
    if given is None:
        return None
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(given.strip())
        except ValueError:
            message = (
                f"{name} is {given!r}; expected a date or time such as 2013-04-01 or"
                " 2013-04-01T12:00:00Z"
            )
            raise SettingsError(message) from None
    if given.tzinfo is None:
        check_timezone(timezone)
        given = given.replace(tzinfo=ZoneInfo(timezone))
    return given.astimezone(UTC)
