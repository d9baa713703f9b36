"""Options of the command line and settings of the file, made one; options win."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from watchkeeper.config import Config
    from watchkeeper.pipeline import ImportMapping


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
    output: str | None = None
    label: str | None = None
    label_time: str | None = None
    entity: str | None = None


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

        loaded = load(config, os.environ)
        arguments = _of_file(loaded) | _labels(loaded.import_mapping, given)
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
        "output": given.output,
        "label": given.label,
        "label_time": given.label_time,
        "entity": given.entity,
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
        "quality": config.operating.quality,
    }
    return {name: value for name, value in settings.items() if value is not None}


def _labels(mapping: ImportMapping, given: Given) -> dict[str, str]:
    """Return the columns of outputs and labels, if both are named somewhere."""
    if (given.label or mapping.label) is None or (given.output or mapping.output) is None:
        return {}
    found = {
        "label": mapping.label,
        "output": mapping.output,
        "label_time": mapping.label_time,
        "entity": mapping.entity,
    }
    return {name: column for name, column in found.items() if column is not None}
