"""What a model's columns did over time."""

from __future__ import annotations

import re
from typing import Annotated, Final

import msgspec

from watchkeeper.pipeline import (
    Distribution,
    HeatMap,
    History,
    read_distribution,
    read_heat_map,
    read_history,
)
from watchkeeper.server.endpoint import Asked, Endpoint
from watchkeeper.server.known_model import known_model
from watchkeeper.server.parameters import Moment
from watchkeeper.server.tenants import Tenant

_MOST_COLUMNS = 2_000
_BETWEEN_NAMES: Final = re.compile(r"(?<!\\),")


class WantedHistory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Buckets that begin in ``from <= start < to``, by default of the last seven days.

    ``columns`` are names with commas between, left out for all, empty for none; a comma within a
    name has a backslash before it. ``segment`` is ``name=value``, left out for all rows.
    """

    start: Moment | None = msgspec.field(name="from", default=None)
    end: Moment | None = msgspec.field(name="to", default=None)
    columns: str | None = None
    segment: str = ""


class WantedHeatMap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Buckets as for the history; of more columns than ``most``, those with the largest drift."""

    start: Moment | None = msgspec.field(name="from", default=None)
    end: Moment | None = msgspec.field(name="to", default=None)
    most: Annotated[int, msgspec.Meta(ge=1, le=_MOST_COLUMNS)] = 200


class WantedDistribution(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Buckets as for the history, of one column and segment."""

    column: str
    segment: str = ""
    start: Moment | None = msgspec.field(name="from", default=None)
    end: Moment | None = msgspec.field(name="to", default=None)


def get_history(tenant: Tenant, asked: Asked[WantedHistory, None]) -> History:
    """Return the courses of columns."""
    wanted = asked.query
    return read_history(
        tenant.store,
        known_model(tenant.store, asked.path),
        start=wanted.start,
        end=wanted.end,
        columns=None if wanted.columns is None else _names(wanted.columns),
        segment=wanted.segment,
    )


def get_heat_map(tenant: Tenant, asked: Asked[WantedHeatMap, None]) -> HeatMap:
    """Return the drift of columns by time."""
    wanted, model = asked.query, known_model(tenant.store, asked.path)
    return read_heat_map(tenant.store, model, start=wanted.start, end=wanted.end, most=wanted.most)


def get_distribution(tenant: Tenant, asked: Asked[WantedDistribution, None]) -> Distribution:
    """Return one column's values beside what was expected."""
    wanted = asked.query
    return read_distribution(
        tenant.store,
        known_model(tenant.store, asked.path),
        wanted.column,
        segment=wanted.segment,
        start=wanted.start,
        end=wanted.end,
    )


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/models/{model}/history",
        operation="getHistory",
        summary="What columns did over time, beside what was expected of them",
        scope="read",
        answer=History,
        call=get_history,
        query=WantedHistory,
        also={404: "no such model"},
    ),
    Endpoint(
        method="GET",
        path="/v1/models/{model}/heatmap",
        operation="getHeatMap",
        summary="How far columns were from their expectation over time",
        scope="read",
        answer=HeatMap,
        call=get_heat_map,
        query=WantedHeatMap,
        also={404: "no such model"},
    ),
    Endpoint(
        method="GET",
        path="/v1/models/{model}/distribution",
        operation="getDistribution",
        summary="How a column's values were distributed, beside what was expected",
        scope="read",
        answer=Distribution,
        call=get_distribution,
        query=WantedDistribution,
        also={404: "no such model"},
    ),
)


def _names(text: str) -> list[str]:
    return [name.replace("\\,", ",") for name in _BETWEEN_NAMES.split(text) if name]
