"""Options of the command line and settings of the file, made one; options win."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from watchkeeper.config import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the command line names; ``None`` where it is silent."""

    time: str | None
    reference_until: str | None
    reference: str | None
    bucket: str | None
    budget: str | None
    columns: list[str] | None
    ignore: list[str] | None
    segment_by: str | None
    season: str | None
    holidays: str | None
    timezone: str | None


def merged(given: Given, config: Path | None) -> dict[str, Any]:
    """Return the arguments of `watchkeeper.pipeline.backtest`.

    Raises
    ------
    SettingsError
        If the file cannot be used; the message names line and value.
    """
    arguments: dict[str, Any] = {}
    if config is not None:
        from watchkeeper.config import load

        arguments = _of_file(load(config, os.environ))
    options = {
        "time": given.time,
        "bucket": given.bucket,
        "budget": given.budget,
        "columns": given.columns,
        "ignore": given.ignore,
        "segment_by": given.segment_by,
        "season": given.season,
        "holidays": given.holidays,
        "timezone": given.timezone,
    }
    arguments.update((name, value) for name, value in options.items() if value is not None)
    if given.reference is not None or given.reference_until is not None:
        arguments["reference"] = given.reference
        arguments["reference_until"] = given.reference_until
    return arguments


def _of_file(config: Config) -> dict[str, Any]:
    baseline = config.baseline
    settings: dict[str, Any] = {
        "time": config.time,
        "reference_until": None if baseline is None else baseline.until,
        "reference": None if baseline is None else baseline.file,
        "bucket": config.bucket,
        "budget": config.budget,
        "ignore": list(config.ignore) or None,
        "segment_by": config.segment_by,
        "season": config.season,
        "holidays": config.holidays,
        "timezone": config.timezone,
        "events": config.named_events or None,
        "schema": config.schema,
        "weights": dict(config.weights) or None,
    }
    return {name: value for name, value in settings.items() if value is not None}
