"""What was asked of a backtest, checked before anything is read."""

from __future__ import annotations

from watchkeeper.errors import SettingsError, nearest
from watchkeeper.events import QualitySettings, quality_faults
from watchkeeper.metrics.quality import METRICS
from watchkeeper.pipeline.preparation import Plan


def check(plan: Plan, season: str, reference_until: object, reference: object) -> None:
    """Raise ``SettingsError`` for what does not go together."""
    if season not in {"auto", "none"}:
        raise SettingsError(f"season is {season!r}.{nearest(season, ['auto', 'none'])}")
    if (reference_until is None) == (reference is None):
        message = (
            "a backtest needs to know what normal looks like: give reference-until (a time in the"
            " data) or reference (a file of its own), one of the two"
        )
        raise SettingsError(message)
    if plan.time_column is None and plan.bucketing.rows is None:
        raise SettingsError(
            f"buckets of {plan.bucketing} need the time column; name it, or use buckets of rows"
            " such as 1000rows"
        )
    if plan.time_column is None and reference_until is not None:
        raise SettingsError("reference-until is a time, so name the time column too")
    if plan.holidays is not None:
        _check_holidays(plan.holidays)


def _check_holidays(country: str) -> None:
    import holidays as calendars

    name, _, part = country.partition("-")
    known = calendars.list_supported_countries()
    if name not in known:
        raise SettingsError(f"holidays of {country!r} are not known.{nearest(name, known)}")
    if part and part not in known[name]:
        raise SettingsError(f"holidays of {country!r} are not known.{nearest(part, known[name])}")


def check_quality(settings: QualitySettings) -> None:
    """Raise ``SettingsError`` for the first setting by which nothing can be measured."""
    for fault in quality_faults(settings, METRICS):
        raise SettingsError(f"{'.'.join(map(str, fault.where))} {fault.reason}")
