"""Business metrics that are ready to use, as the queries that they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from watchkeeper.events import ReadyMade


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyMadeMetric:
    """What a ready-made metric is.

    Attributes
    ----------
    unit
        Of the ratio.
    counts
        What the numerator counts.
    kinds
        The kinds of feedback it looks at.
    wait_days
        Days after which nothing more belongs to a day; ``None`` if records must tell.
    """

    sql: str
    unit: str | None
    counts: str
    kinds: frozenset[str]
    wait_days: int | None = 0


_OF_FEEDBACK = (
    "SELECT time, entity, version, variant, {numerator} AS numerator, "
    "{denominator} AS denominator FROM feedback WHERE kind IN ({kinds})"
)
_PER_ACTIVE_DAY = (
    "SELECT date_trunc('day', time) AS time, entity, max(version) AS version, "
    "max(variant) AS variant, {amount} AS numerator, 1 AS denominator FROM feedback "
    "WHERE entity IS NOT NULL GROUP BY date_trunc('day', time), entity"
)


def _of_feedback(counts: str, numerator: str, denominator: str, *kinds: str) -> ReadyMadeMetric:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    sql = _OF_FEEDBACK.format(numerator=numerator, denominator=denominator, kinds=listed)
    return ReadyMadeMetric(sql=sql, unit=None, counts=counts, kinds=frozenset(kinds))


def _per_active_day(counts: str, amount: str, unit: str, *kinds: str) -> ReadyMadeMetric:
    """Return what an entity does on a day on which it does anything."""
    sql = _PER_ACTIVE_DAY.format(amount=amount)
    return ReadyMadeMetric(sql=sql, unit=unit, counts=counts, kinds=frozenset(kinds))


_CONVERSION = """
SELECT p.time, p.entity, p.version, p.variant, 1 AS denominator,
    EXISTS (FROM feedback f WHERE f.kind = 'purchase' AND f.prediction_id = p.prediction_id)
        AS numerator
FROM predictions p
"""

# Days whose week is not over yet cannot say who came back.
_RETENTION = """
WITH days AS (
    SELECT entity, date_trunc('day', time) AS time, max(version) AS version,
        max(variant) AS variant
    FROM feedback WHERE entity IS NOT NULL GROUP BY entity, date_trunc('day', time)
), followed AS (
    SELECT *, lead(time) OVER (PARTITION BY entity ORDER BY time) AS next FROM days
)
SELECT time, entity, version, variant, 1 AS denominator,
    coalesce(next <= time + INTERVAL 7 DAY, false) AS numerator
FROM followed WHERE time + INTERVAL 8 DAY <= (SELECT max(time) FROM feedback)
"""

READY_MADE: Mapping[ReadyMade, ReadyMadeMetric] = MappingProxyType(
    {
        "click_through": _of_feedback(
            "clicks", "kind = 'click'", "kind = 'impression'", "impression", "click"
        ),
        "listen_through": _of_feedback(
            "finished plays", "kind = 'finish'", "kind = 'play'", "play", "finish"
        ),
        "conversion": ReadyMadeMetric(
            sql=_CONVERSION,
            unit=None,
            counts="conversions",
            kinds=frozenset({"purchase"}),
            wait_days=None,
        ),
        "revenue": _per_active_day(
            "revenue",
            "coalesce(sum(amount) FILTER (kind = 'purchase'), 0)",
            "a user and day",
            "purchase",
        ),
        "viewing_hours": _per_active_day(
            "hours",
            "coalesce(sum(amount) FILTER (kind = 'view'), 0) / 3600.0",
            "hours a user and day",
            "view",
        ),
        "retention": ReadyMadeMetric(
            sql=_RETENTION, unit=None, counts="returns", kinds=frozenset(), wait_days=8
        ),
    }
)
"""The ready-made metrics by name."""
