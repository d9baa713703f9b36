"""A business metric's query asked of a model's records: its sums by entity."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import SettingsError
from watchkeeper.events import BusinessMetric
from watchkeeper.metrics import BusinessRatio, business_ratio
from watchkeeper.pipeline.business.ready_made import READY_MADE
from watchkeeper.pipeline.business.record_tables import require_query

_NEEDED = ("time", "entity", "numerator", "denominator")
# Rows without an entity are each one of their own.
_SUMS = """
SELECT {group} AS grouped, {bucket} AS bucket,
    coalesce(CAST(min(entity) AS VARCHAR), '') AS named,
    sum(CAST(numerator AS DOUBLE)) AS above, sum(CAST(denominator AS DOUBLE)) AS below
FROM ({rows})
WHERE numerator IS NOT NULL AND denominator IS NOT NULL
GROUP BY 1, 2, coalesce('e' || CAST(entity AS VARCHAR), CAST(uuid() AS VARCHAR))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitySums:
    """Numerators and denominators, one entry for each entity of each group and bucket.

    Attributes
    ----------
    group
        Name of the group, empty if nothing is told apart.
    bucket
        Number of the bucket since 1970.
    entity
        Empty for one without a name.
    """

    group: NDArray[np.str_]
    bucket: NDArray[np.int64]
    entity: NDArray[np.str_]
    above: NDArray[np.float64]
    below: NDArray[np.float64]

    def ratio(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> BusinessRatio:
        """Return the ratio of some of them, with its interval."""
        return business_ratio(self.above[chosen], self.below[chosen])


def sql_of(metric: BusinessMetric) -> str:
    """Return the query that a metric is; one written by people is checked first."""
    if metric.ready is not None:
        return READY_MADE[metric.ready].sql
    assert metric.sql is not None
    require_query(metric.name, metric.sql)
    return metric.sql


def entity_sums(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    sql: str,
    *,
    by: str = "none",
    seconds: int | None,
) -> EntitySums:
    """Ask a metric's query, and return what it gives by entity, in buckets of time if asked for.

    Parameters
    ----------
    by
        Column of the query that tells groups apart, if it has it.
    seconds
        Length of a bucket; ``None``: all is one.

    Raises
    ------
    SettingsError
        If the query cannot be answered, or gives something else than a metric.
    """
    sql = sql.strip().rstrip(";")
    try:
        columns = [str(row[0]) for row in connection.execute(f"DESCRIBE {sql}").fetchall()]
        missing = [column for column in _NEEDED if column not in columns]
        if missing:
            raise SettingsError(
                f"business metric {name!r} must give the columns {', '.join(_NEEDED)}; "
                f"{', '.join(missing)} is missing."
            )
        group = f"coalesce(CAST({by} AS VARCHAR), 'none')" if by in columns else "''"
        bucket = f"CAST(epoch(CAST(time AS TIMESTAMP)) AS BIGINT) // {seconds}" if seconds else "0"
        found = connection.execute(
            _SUMS.format(group=group, bucket=bucket, rows=f"{sql}\n")
        ).fetchnumpy()
    except duckdb.Error as error:
        first = str(error).partition("\n")[0]
        raise SettingsError(f"business metric {name!r}: DuckDB says: {first}") from error
    sums = EntitySums(
        group=np.asarray(found["grouped"], dtype=str),
        bucket=np.asarray(found["bucket"], dtype=np.int64),
        entity=np.asarray(found["named"], dtype=str),
        above=np.asarray(found["above"], dtype=np.float64),
        below=np.asarray(found["below"], dtype=np.float64),
    )
    if (sums.below < 0).any():
        raise SettingsError(f"business metric {name!r}: a denominator is below 0.")
    return sums
