"""Parameters and small bodies of requests, read into their types; what is wrong names its field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, TypeAlias, TypeVar

import msgspec

from watchkeeper.errors import nearest
from watchkeeper.server.problems import ProblemError

T = TypeVar("T", bound=msgspec.Struct)

Moment: TypeAlias = Annotated[
    datetime, msgspec.Meta(tz=True, description="RFC 3339, with its zone.")
]


class Window(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters that ask for a span of time.

    Attributes
    ----------
    start, end
        First moment of the window, and the first after it; left out: the last 7 days of events.
    """

    start: Moment | None = msgspec.field(name="from", default=None)
    end: Moment | None = msgspec.field(name="to", default=None)


_PATH = re.compile(r" - at `\$\.?(?P<path>.*)`$", re.DOTALL)


def read_parameters(given: Iterable[tuple[str, str]], kind: type[T]) -> T:
    """Return the parameters of a request.

    Raises
    ------
    ProblemError
        422, if one is unknown, there twice, missing or has a wrong value.
    """
    known = [field.encode_name for field in msgspec.structs.fields(kind)]
    values: dict[str, str] = {}
    for name, value in given:
        if name not in known:
            message = f"{name}: there is no such parameter.{nearest(name, known)}"
            raise ProblemError(422, "parameter", message)
        if name in values:
            raise ProblemError(422, "parameter", f"{name}: given twice; give it once")
        values[name] = value
    try:
        read = msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        field, reason = _place(error)
        came = f", got {values[field]!r}" if field in values else ""
        message = f"{field}: {reason}{came}" if field else reason
        raise ProblemError(422, "parameter", message) from error
    _check_moments(read)
    return read


def read_json(body: bytes, kind: type[T]) -> T:
    """Return a body of JSON.

    Raises
    ------
    ProblemError
        400 for what is no JSON, 422 for what does not fit; it names the field.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        field, reason = _place(error)
        raise ProblemError(422, "body", f"{field or 'body'}: {reason}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProblemError(400, "malformed-body", f"expected JSON; {error}") from error


def _check_moments(read: msgspec.Struct) -> None:
    """Refuse times that no clock in UTC shows: of the last hours of the year 9999, for example."""
    for field in msgspec.structs.fields(read):
        value = getattr(read, field.name)
        if not isinstance(value, datetime):
            continue
        try:
            value.astimezone(UTC)
        except OverflowError as error:
            message = f"{field.encode_name}: expected a time in the years 1 to 9999 in UTC"
            raise ProblemError(422, "parameter", message) from error


def _place(error: msgspec.ValidationError) -> tuple[str, str]:
    """Return which field is wrong, and why."""
    message = str(error)
    found = _PATH.search(message)
    if found is None:
        return "", message
    reason = message[: found.start()].partition(", got")[0]
    return found["path"], reason[:1].lower() + reason[1:]
