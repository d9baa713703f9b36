"""Some rows of a table, the same ones in every column, picked up while columns are read."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

_SEED = 20_130_101


class RowSample:
    """Up to ``most`` rows, drawn without looking at them.

    Parameters
    ----------
    rows
        Rows of the table.
    most
        Rows wanted.
    """

    def __init__(self, rows: int, most: int) -> None:
        self._places: pa.Array | None = None
        if rows > most:
            drawn = np.random.default_rng(_SEED).choice(rows, most, replace=False)
            self._places = pa.array(np.sort(drawn))
        self._rows = rows
        self.rows = min(rows, most)
        self._columns: dict[str, pa.ChunkedArray] = {}

    def add(self, table: pa.Table) -> None:
        """Pick the sample's rows of some columns; of fewer rows (damaged ones left out), none."""
        if table.num_rows != self._rows:
            return
        taken = table if self._places is None else table.take(self._places)
        for name in table.column_names:
            self._columns[name] = taken.column(name)

    def table(self, most: int) -> pa.Table:
        """Return the rows, or ``most`` of them, with the columns added so far."""
        whole = pa.table(self._columns)
        if whole.num_rows <= most:
            return whole
        drawn = np.random.default_rng(_SEED + 1).choice(whole.num_rows, most, replace=False)
        return whole.take(pa.array(np.sort(drawn)))
