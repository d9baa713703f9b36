"""New predictions are added to the service cells, each exactly once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.errors import StoreError, WatchkeeperError
from watchkeeper.events import CostSettings
from watchkeeper.metrics import ServiceCell, ServiceRows, ServiceTally
from watchkeeper.pipeline.baselining import load_setup
from watchkeeper.pipeline.pricing import costs_usd, priced_columns
from watchkeeper.pipeline.stored_columns import StoredColumns, candidates
from watchkeeper.profiles import OTHER, segment_codes
from watchkeeper.store import (
    AT_ONCE,
    HOUR,
    MINUTE,
    Arrived,
    CellKey,
    Dimension,
    Store,
    TakenUp,
    oldest_kept,
    tables_of,
)

MOST_VALUES = 20
"""Versions and variants with cells of their own in one hour; the others share one."""

NONE = "(none)"
"""Value of predictions that name no version or variant."""

_OWN = ("version", "variant", "latency_seconds", "cost_usd", "error")
_NAMED: tuple[Dimension, ...] = ("version", "variant")
_ATTEMPTS = 5
_LONGEST_VALUE = 200

Ints = NDArray[np.int64]


class ServiceRollup:
    """Adds what arrives in a store to its service cells.

    Up to where that was done is kept with the cells, in one transaction, so that one that was
    killed goes on exactly there, and several processes take turns.

    Parameters
    ----------
    most_rows
        Added and kept at once, about: what of a long history a kill costs.
    """

    def __init__(self, store: Store, *, most_rows: int = AT_ONCE) -> None:
        self._store, self._most_rows = store, most_rows
        self._after = 0
        self._plans: dict[str, _Plan] = {}
        self._versions: dict[str, int] = {}
        self._revision = -1

    def advance(self, *, now: datetime) -> int:
        """Take up what arrived, some rows at once, and return how many there were.

        Raises
        ------
        StoreError
            If rows of a model cannot be read; those of the others are taken up.
        """
        self._learn()
        fault: Exception | None = None
        for _ in range(_ATTEMPTS):
            found = self._store.service_cells.look(
                self._columns, after=self._after, most_rows=self._most_rows
            )
            if found is None:
                return 0
            arrived, seen = found
            try:
                taken, faults = self._taken(arrived, now)
            except FileNotFoundError as error:  # merged into another meanwhile: look again
                fault = error
                continue
            if not self._store.service_cells.record([one for one, _ in taken]):
                return 0  # another process was faster; what is left is seen the next time
            if faults:
                raise faults[0]
            is_all = seen > self._after
            self._after = seen
            rows = sum(rows for _, rows in taken)
            if rows or is_all or not taken:
                return rows
            # Nothing is left of what was sealed there: the next rows, then.
        if fault is None:
            return 0
        raise StoreError(f"a sealed file is missing: {fault}. Restore it from a backup") from fault

    def _taken(
        self, arrived: Sequence[Arrived], now: datetime
    ) -> tuple[list[tuple[TakenUp, int]], list[StoreError]]:
        taken: list[tuple[TakenUp, int]] = []
        faults: list[StoreError] = []
        for one in arrived:
            try:
                taken.append(self._count(one, now))
            except StoreError as error:
                faults.append(error)
        return taken, faults

    def _count(self, arrived: Arrived, now: datetime) -> tuple[TakenUp, int]:
        plan = self._plan(arrived.model)
        newest = int(_newest(self._store, arrived.model, now).timestamp())
        counting = _Counting(self._store, arrived.model, plan, newest)
        rows = 0
        for table in tables_of(self._store.folder, arrived, plan.columns):
            counting.add(table)
            rows += table.num_rows
        return TakenUp(arrived=arrived, newest=newest, added=counting.cells()), rows

    def _columns(self, model: str) -> Sequence[str]:
        return self._plan(model).columns

    def _plan(self, model: str) -> _Plan:
        if model not in self._plans:
            costs = self._store.operating.in_force(model).costs
            self._plans[model] = _plan(self._store, model, self._versions.get(model), costs)
        return self._plans[model]

    def _learn(self) -> None:
        """Forget what was planned by settings and baselines that are in force no longer."""
        revision, versions = self._store.settings.revision(), self._store.watch_log.watched()
        if (revision, versions) != (self._revision, self._versions):
            self._plans.clear()
            self._revision, self._versions = revision, versions


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is read of a model's predictions, and how it is told apart and priced."""

    columns: tuple[str, ...]
    segment_by: str | None
    segments: tuple[str, ...]
    costs: CostSettings | None


def _plan(store: Store, model: str, version: int | None, costs: CostSettings | None) -> _Plan:
    segment_by: str | None = None
    segments: tuple[str, ...] = ()
    if version is not None:
        try:
            _, setup = load_setup(store, model, version)
        except (WatchkeeperError, msgspec.MsgspecError):
            pass  # the watch of this model tells of it
        else:
            segment_by, segments = setup.segment_by, setup.segments
    plain = priced_columns(costs) | ({segment_by} if segment_by else set())
    stored = [one for name in sorted(plain) for one in candidates(name)]
    return _Plan(
        columns=tuple(dict.fromkeys((*_OWN, *stored))),
        segment_by=segment_by,
        segments=segments,
        costs=costs,
    )


def _newest(store: Store, model: str, now: datetime) -> datetime:
    """Return the latest event time; a clock that runs ahead must not make what is of today old."""
    arrival = store.arrival(model)
    found = store.newest_time(model) if arrival is None else arrival.newest_time
    return now if found is None else min(found, now)


class _Counting:
    """Adds up the tables of one model."""

    def __init__(self, store: Store, model: str, plan: _Plan, newest: int) -> None:
        self._store, self._model, self._plan = store, model, plan
        self._oldest = {level: oldest_kept(newest, level) for level in (MINUTE, HOUR)}
        self._known: dict[Dimension, dict[int, set[str]]] = {name: {} for name in _NAMED}
        self._cells: dict[CellKey, ServiceCell] = {}

    def add(self, table: pa.Table) -> None:
        """Count rows, but for those that are too old to be kept."""
        seconds = table.column("time").cast(pa.int64()).to_numpy() // 1_000_000
        kept = seconds >= self._oldest[HOUR]
        if not kept.all():
            table, seconds = table.filter(pa.array(kept)), seconds[kept]
        if not table.num_rows:
            return
        rows = StoredColumns(table)
        tally = ServiceTally(
            ServiceRows(
                is_error=table.column("error").is_valid().to_numpy(),
                latency_seconds=rows.numbers("latency_seconds"),
                cost_usd=costs_usd(rows, self._plan.costs),
            )
        )
        is_minute = seconds >= self._oldest[MINUTE]
        level = np.where(is_minute, MINUTE, HOUR)
        places = seconds // level * level * 2 + is_minute
        whole = tally.by(places)
        self._merge("all", [""], whole)
        for dimension, names, codes in self._dimensions(rows, seconds // HOUR * HOUR):
            # Of one value there are the same rows in each cell, so the same cells.
            found = whole if len(names) == 1 else tally.by(places * len(names) + codes)
            self._merge(dimension, names, found)

    def cells(self) -> dict[CellKey, ServiceCell]:
        """Return what was counted, hours with their minutes in them."""
        found = dict(self._cells)
        minutes: dict[CellKey, list[ServiceCell]] = {}
        for key, cell in self._cells.items():
            if key.level == MINUTE:
                hour = key._replace(level=HOUR, start=key.start // HOUR * HOUR)
                minutes.setdefault(hour, []).append(cell)
        for hour, cells in minutes.items():
            before = [found[hour]] if hour in found else []
            found[hour] = ServiceCell.merged([*before, *cells])
        return found

    def _merge(self, dimension: Dimension, names: list[str], found: dict[int, ServiceCell]) -> None:
        for group, cell in found.items():
            place, code = divmod(group, len(names))
            start, is_minute = divmod(place, 2)
            level = MINUTE if is_minute else HOUR
            key = CellKey(level=level, dimension=dimension, value=names[code], start=start)
            before = self._cells.get(key)
            self._cells[key] = cell if before is None else ServiceCell.merged([before, cell])

    def _dimensions(
        self, rows: StoredColumns, hours: Ints
    ) -> Iterator[tuple[Dimension, list[str], Ints]]:
        """Yield each dimension with its values, and which of them each row has."""
        for dimension in _NAMED:
            yield dimension, *self._named(dimension, rows, hours)
        if self._plan.segment_by is None:
            return
        column, segments = rows.find(self._plan.segment_by), self._plan.segments
        if column is None:
            yield "segment", [OTHER], np.zeros(len(hours), dtype=np.int64)
        else:
            yield "segment", [*segments, OTHER], segment_codes(column, segments)

    def _named(
        self, dimension: Dimension, rows: StoredColumns, hours: Ints
    ) -> tuple[list[str], Ints]:
        column = (
            rows.table.column(dimension).combine_chunks().dictionary_encode(null_encoding="encode")
        )
        names = [(name or NONE)[:_LONGEST_VALUE] for name in column.dictionary.to_pylist()]
        codes = column.indices.to_numpy().astype(np.int64)
        if len(names) == 1 and hours.min() == hours.max():
            hours, codes = hours[:1], codes[:1]  # one pair, and the same for every row
        pairs, places, counts = np.unique(
            hours * len(names) + codes, return_inverse=True, return_counts=True
        )
        known = self._values_of(dimension, np.unique(hours).tolist())
        admitted = np.full(len(pairs), len(names))
        for at in np.argsort(-counts, kind="stable").tolist():
            hour, code = divmod(int(pairs[at]), len(names))
            values = known[hour]
            if names[code] in values or len(values) < MOST_VALUES:
                values.add(names[code])
                admitted[at] = code
        if not admitted.any():
            return names[:1], codes
        return [*names, OTHER], admitted[places]

    def _values_of(self, dimension: Dimension, hours: list[int]) -> dict[int, set[str]]:
        known = self._known[dimension]
        new = [hour for hour in hours if hour not in known]
        if new:
            found = self._store.service_cells.values_by_hour(self._model, dimension, new)
            known |= {hour: values - {OTHER} for hour, values in found.items()}
        return known
