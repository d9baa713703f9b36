"""Where the rows of a backtest lie, and which of them are the reference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import pyarrow as pa

from watchkeeper.errors import DataError
from watchkeeper.pipeline.cutting import microseconds, to_microseconds
from watchkeeper.pipeline.files import OnProgress, TableSource, open_table
from watchkeeper.pipeline.preparation import Plan
from watchkeeper.pipeline.survey import Survey, survey, timed_batches


class Sources:
    """The reference's rows and the monitored rows, wherever they lie."""

    def __init__(
        self,
        data: TableSource,
        reference: TableSource | None,
        until: datetime | None,
        plan: Plan,
        now: datetime,
        on_read: OnProgress | None,
    ) -> None:
        self.data, self._reference, self.until = data, reference, until
        self._plan, self._now = plan, now
        self.data_survey = survey(data, plan.time_column, now=now, on_progress=on_read)
        self.reference_survey = self.data_survey
        if reference is not None:
            self.reference_survey = survey(reference, plan.time_column, now=now)
        elif until is not None:
            self._check_until(until, self.data_survey)

    @classmethod
    def open(
        cls,
        data: object,
        reference: object | None,
        until: datetime | None,
        plan: Plan,
        now: datetime,
        on_read: OnProgress | None,
    ) -> Sources:
        """Open what was named; columns of both sides are read as the reference has them."""
        time, zone = plan.time_column, plan.timezone
        if reference is None:
            source = open_table(data, time_column=time, timezone=zone, bad_cells="misfit")
            return cls(source, None, until, plan, now, on_read)
        known = open_table(reference, time_column=time, timezone=zone, bad_cells="misfit")
        types = {f.name: f.type for f in known.schema if f.name != time}
        source = open_table(data, time_column=time, timezone=zone, bad_cells="misfit")
        shared = {n: t for n, t in types.items() if n in source.schema.names}
        source = open_table(data, time_column=time, timezone=zone, types=shared, bad_cells="misfit")
        return cls(source, known, None, plan, now, on_read)

    @property
    def names(self) -> list[str]:
        """Columns that both sides have."""
        sides = [self.data] if self._reference is None else [self._reference, self.data]
        return [name for name in sides[0].schema.names if name in sides[-1].schema.names]

    def reference(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Yield the reference's tables, with some of their columns (the time among them) or all."""
        if self._reference is not None:
            yield from self._timed(self._reference, columns)
            return
        for table in self._timed(self.data, columns):
            part = self._split(table, before=True)
            if part.num_rows:
                yield part
            elif self.data_survey.ordered:
                return

    def monitored(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Yield the tables after the reference."""
        for table in self._timed(self.data, columns):
            yield table if self._reference is not None else self._split(table, before=False)

    def _timed(self, source: TableSource, columns: Sequence[str] | None) -> Iterator[pa.Table]:
        chosen = source if columns is None else source.select(columns)
        return timed_batches(chosen, self._plan.time_column, now=self._now)

    def _split(self, table: pa.Table, *, before: bool) -> pa.Table:
        assert self._plan.time_column is not None and self.until is not None
        times = microseconds(table, self._plan.time_column)
        wanted = (times < to_microseconds(self.until)) == before
        return table if wanted.all() else table.filter(pa.array(wanted))

    def _check_until(self, until: datetime, extent: Survey) -> None:
        assert extent.first is not None and extent.last is not None
        if not extent.first < until <= extent.last:
            message = (
                f"reference-until is {until:%Y-%m-%dT%H:%MZ}, but the data goes from"
                f" {extent.first:%Y-%m-%dT%H:%MZ} to {extent.last:%Y-%m-%dT%H:%MZ}; expected a"
                " time within, with enough data before it to learn from"
            )
            raise DataError(message)
