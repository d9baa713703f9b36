"""What the server logs, for people or for programs."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

LogFormat: TypeAlias = Literal["text", "json"]
Fields: TypeAlias = Mapping[str, str | int | float | bool | None]

_FIELDS: Final = "fields"
_KEY: Final = re.compile(r"\b(wk_[0-9a-f]{10})_[0-9a-f]{48}\b")
_BREAKS: Final = str.maketrans({"\n": "\\n", "\r": "\\r"})


def set_up_logs(form: LogFormat) -> None:
    """Let this process log to stderr, one line for each record.

    Ours from INFO on, others' from WARNING on. Keys that slip into a message are cut.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("watchkeeper").setLevel(logging.INFO)
    logging.captureWarnings(capture=True)


def fields(**values: str | int | float | bool | None) -> dict[str, Fields]:
    """Return what to give a logger as ``extra``, so that programs need not read the message.

    Examples
    --------
    >>> fields(model="churn")
    {'fields': {'model': 'churn'}}
    """
    return {_FIELDS: values}


class TextLines(logging.Formatter):
    """Lines for people: time, level, logger, message, fields; a stack on the lines below."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without the last line break."""
        head = f"{_time(record)} {record.levelname.lower()} {record.name}: "
        told = [record.getMessage().translate(_BREAKS)]
        told += [f"{name}={_shown(value)}" for name, value in _fields(record).items()]
        stack = _stack(record)
        return _cut(head + " ".join(told) + (f"\n{stack}" if stack else ""))


class JsonLines(logging.Formatter):
    """JSON objects, one on each line: ``time``, ``level``, ``logger``, ``message``, fields.

    An error adds ``error`` with ``type``, ``message`` and ``stack``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its line break."""
        line: dict[str, object] = {
            **_fields(record),
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            line["error"] = {
                "type": type(error).__name__,
                "message": str(error),
                "stack": _stack(record),
            }
        return _cut(json.dumps(line))


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _fields(record: logging.LogRecord) -> Fields:
    found: Fields = getattr(record, _FIELDS, {})
    return found


def _shown(value: object) -> str:
    text = str(value)
    return text if text and text.isprintable() and " " not in text else repr(text)


def _stack(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    return "" if error is None else "".join(traceback.format_exception(error)).rstrip()


def _cut(line: str) -> str:
    return _KEY.sub(r"\1_***", line)
