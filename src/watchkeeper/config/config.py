"""The settings of one model as the rest of the program uses them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from watchkeeper.checks import Check
from watchkeeper.config.settings import DEFAULT_BUDGET, DEFAULT_STORE, Season
from watchkeeper.events import OperatingSettings, Schema
from watchkeeper.pipeline import ImportMapping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from watchkeeper.watch import NamedEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What normal looks like; exactly one of the two is set.

    Attributes
    ----------
    until
        Rows before this time are the reference; aware UTC.
    file
        Path or pattern of the reference.
    """

    until: datetime | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Settings that were checked; what the file leaves out has its default.

    Attributes
    ----------
    bucket
        As `watchkeeper.watch.Bucketing.parse` reads it; ``None`` to choose by the data.
    budget
        As `watchkeeper.watch.Budget.parse` reads it.
    named_events
        Spans that are expected to differ.
    schema
        Columns that are watched and known; ``None`` to infer them from the reference.
    lateness
        How long rows may come after the end of their bucket.
    checks
        What must hold for the data, those of other tools' files included.
    check_notes
        What of these files was not understood and why.
    import_mapping
        Which column of a file is what of a record; time and zone as for all else if not named.
    operating
        What `watchkeeper apply` puts in force.
    """

    model: str | None = None
    time: str | None = None
    schema: Schema | None = None
    baseline: Baseline | None = None
    bucket: str | None = None
    budget: str = DEFAULT_BUDGET
    season: Season = "auto"
    holidays: str | None = None
    named_events: tuple[NamedEvent, ...] = ()
    segment_by: str | None = None
    timezone: str | None = None
    lateness: timedelta = timedelta(0)
    weights: Mapping[str, float] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    check_notes: tuple[str, ...] = ()
    import_mapping: ImportMapping = field(default_factory=ImportMapping)
    operating: OperatingSettings = field(default_factory=OperatingSettings)
    store: Path = Path(DEFAULT_STORE)
