"""A settings file to begin with: what was seen, in comments, and what can be set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from watchkeeper.checks import as_settings
from watchkeeper.config.json_schema import SCHEMA_FILE
from watchkeeper.config.looking import ColumnSeen, DataSeen
from watchkeeper.config.settings import DEFAULT_STORE
from watchkeeper.config.suggesting import Suggestions
from watchkeeper.events import MODEL_NAME, WATCHED_ROLES

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
# What YAML 1.1 takes for something else than text.
_RESERVED = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
_LONGEST_KEY = 1_000
_COMMENT_FROM = 48
_SHOWN = 30
_FEW = 20


def draft(seen: DataSeen, suggestions: Suggestions, *, model: str) -> str:
    """Return the text of a `watchkeeper.yaml` for a data set.

    Parameters
    ----------
    seen
        What the data holds.
    suggestions
        What to begin with.
    model
        Name of the model.
    """
    data = _comment(Path(seen.name).name, 200)
    lines = [
        f"# yaml-language-server: $schema={SCHEMA_FILE}",
        f"# Settings of Watchkeeper, made from {data} ({seen.rows:,} rows).",
        "# Every line may be changed or left out; an editor that knows JSON Schema completes them.",
        "",
        f"model: {_text(model)}",
        *_time(seen),
        "",
        *_baseline(suggestions),
        "",
        "# How rows are cut into buckets: 5m, 1h, 1d, or 1000rows.",
        _with_comment(f"bucket: {suggestions.bucket.value}", suggestions.bucket.why),
        "# Accepted false alarms. All columns keep to this together: none needs a threshold.",
        _with_comment(f"budget: {suggestions.budget.value}", suggestions.budget.why),
        "",
        *_more(seen),
        "",
        *_columns(seen),
        *_checks(seen),
    ]
    return "\n".join(lines) + "\n"


def model_name(text: str) -> str:
    """Return a name of a model made from any text.

    Examples
    --------
    >>> model_name("Flights of 2013.csv")
    'Flights-of-2013.csv'
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")[:100]
    return plain if MODEL_NAME.fullmatch(plain) else "model"


def _time(seen: DataSeen) -> list[str]:
    if seen.time is None:
        return ["# time: COLUMN     # no column looks like the time of the rows"]
    if seen.first is None or seen.last is None:
        return [_with_comment(f"time: {_text(seen.time)}", "no row has one")]
    ends = f"{seen.first:%Y-%m-%d %H:%M} to {seen.last:%Y-%m-%d %H:%M} UTC"
    return [_with_comment(f"time: {_text(seen.time)}", ends)]


def _baseline(suggestions: Suggestions) -> list[str]:
    until = suggestions.baseline_until
    if until is None:
        return [
            "# What normal looks like. Without times it is a file of its own:",
            "# baseline:",
            "#   file: reference.parquet",
        ]
    return [
        "# What normal looks like: the rows before this time. Better a quiet span than a long one.",
        "baseline:",
        _with_comment(f'  until: "{until.value}"', until.why),
    ]


def _more(seen: DataSeen) -> list[str]:
    segments = [
        _comment(name, _SHOWN)
        for name, one in seen.columns.items()
        if _is_watched(one) and one.column.type == "category" and 2 <= (one.distinct or 0) <= _FEW
    ]
    segment = segments[0] if segments else "COLUMN"
    also = f"     # or {', '.join(segments[1:4])}" if segments[1:] else ""
    return [
        "# Take the # away from what you need:",
        f"# segment_by: {segment}{also}",
        "# season: none                     # auto finds cycles of day, week and year",
        "# holidays: US                     # or a region of it: US-NY",
        "# timezone: America/New_York       # of the people, and of times that name no zone",
        "# events: [{name: sale, from: 2025-11-28, until: 2025-12-02}]",
        "# lateness: 10m                    # how late rows may come",
        f"# weights: {{{segment}: 3}}",
        "# quality: {positive: fraud}       # how predictions are measured once labels come",
        f"# store: {DEFAULT_STORE}",
    ]


def _columns(seen: DataSeen) -> Iterator[str]:
    if not seen.columns:
        return
    yield "# The columns, with what was seen of each. Ranges and values are comments, so that none"
    yield "# of them fires by accident: where others would be wrong whatever the past says, add"
    yield "# minimum: 0, maximum: 10, categories: [a, b] or nullable: false to the column."
    yield "# Watched are the roles feature, prediction, label, segment and explanation."
    yield "columns:"
    for name, one in seen.columns.items():
        role = "" if one.column.role == "feature" else f", role: {one.column.role}"
        value = f"{{type: {one.column.type}{role}}}"
        comment = _seen(one)
        if len(name) > _LONGEST_KEY:
            # YAML takes no longer name before a colon without the question mark.
            yield f"  ? {_text(name)}"
            yield _with_comment(f"  : {value}", comment)
        else:
            yield _with_comment(f"  {_text(name)}: {value}", comment)


def _checks(seen: DataSeen) -> Iterator[str]:
    if not seen.checks:
        return
    yield ""
    yield "# What must hold for the data, as it does for all of this. Take away what is too strict;"
    yield "# add what you know: matches, expression (SQL), freshness, volume, change, ..."
    yield "checks:"
    for check in seen.checks:
        settings = as_settings(check)
        columns = settings.get("columns")
        if isinstance(columns, dict):
            # YAML takes no longer name before a colon.
            settings["columns"] = {n: t for n, t in columns.items() if len(n) <= _LONGEST_KEY}
        yield f"  - {_flow(settings)}"


def _flow(value: object) -> str:
    """Return a value on one line of YAML."""
    if isinstance(value, dict):
        pairs = (f"{_text(key)}: {_flow(one)}" for key, one in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else _text(value) if isinstance(value, str) else str(value)


def _seen(one: ColumnSeen) -> str:
    parts = []
    if one.why_not_watched and one.column.role != "time":
        return f"not watched: {one.why_not_watched}"
    if one.minimum is not None and one.maximum is not None:
        parts.append(f"{one.minimum} to {one.maximum}")
    if one.null_ratio > 0:
        share = f"{one.null_ratio:.1%}" if one.null_ratio >= 0.0005 else "under 0.1%"
        parts.append(f"{share} null")
    if one.distinct is not None and one.column.type in {"category", "text", "number"}:
        parts.append(f"{one.distinct:,} different")
    if one.examples and one.column.type in {"category", "text", "boolean"}:
        shown = ", ".join(_comment(value, _SHOWN) for value in one.examples)
        parts.append(f"such as {shown}")
    return "; ".join(parts)


def _is_watched(one: ColumnSeen) -> bool:
    return one.column.role in WATCHED_ROLES


def _with_comment(line: str, comment: str) -> str:
    return f"{line:<{_COMMENT_FROM}} # {_comment(comment, 300)}" if comment else line


def _comment(text: str, most: int) -> str:
    """Return text that may stand in a comment: one line, nothing that YAML forbids."""
    plain = "".join(one if one.isprintable() else "·" for one in text[: most + 1])
    return plain if len(plain) <= most else plain[: most - 3] + "..."


def _text(text: str) -> str:
    """Return a text as YAML reads it back, on one line."""
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    # A lone half of a surrogate pair cannot be written in UTF-8.
    whole = text.encode("utf-8", "replace").decode("utf-8")
    quoted = yaml.safe_dump(whole, default_style='"', allow_unicode=True, width=10**9)
    return quoted.removesuffix("\n")
