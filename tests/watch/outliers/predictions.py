"""Stored predictions whose columns go together, and what is learned from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from watchkeeper.watch.outliers import OutlierColumn, OutlierScorer, fit_outliers

NUMBERS = ("amount", "income", "age")
COLUMNS = (
    *(
        OutlierColumn(
            name=name,
            stored=f"feature:{name}",
            misfit=f"misfit:feature:{name}",
            kind="number",
            is_number=True,
        )
        for name in NUMBERS
    ),
    OutlierColumn(
        name="country",
        stored="feature:country",
        misfit="misfit:feature:country",
        kind="text",
        is_number=False,
    ),
    OutlierColumn(
        name="member",
        stored="feature:member",
        misfit="misfit:feature:member",
        kind="boolean",
        is_number=False,
    ),
)
USUAL: dict[str, Any] = {
    "amount": 20.0,
    "income": 20.0,
    "age": 40.0,
    "country": "ch",
    "member": False,
}


def usual(rows: int, *, seed: int = 0) -> pa.Table:
    """Amounts follow incomes, members are those above 40; a hundredth of the ages is missing."""
    random = np.random.default_rng(seed)
    income = random.lognormal(3.0, 0.5, rows)
    age = random.normal(40.0, 10.0, rows)
    return pa.table(
        {
            "feature:amount": income * random.lognormal(0.0, 0.1, rows),
            "feature:income": income,
            "feature:age": pa.array(age, mask=random.random(rows) < 0.01),
            "feature:country": random.choice(["ch", "de", "fr"], rows, p=[0.6, 0.3, 0.1]),
            "feature:member": age > 40.0,
        }
    )


def fitted(rows: pa.Table, columns: Sequence[OutlierColumn] = COLUMNS) -> OutlierScorer:
    """Learn a scorer from rows that are enough."""
    scorer = fit_outliers(rows, columns)
    assert scorer is not None
    return scorer


def stored(*rows: Mapping[str, Any], **types: pa.DataType) -> pa.Table:
    """Rows as they are stored: usual ones but for what is given."""
    given = [{**USUAL, **row} for row in rows]
    return pa.table(
        {
            f"feature:{name}": pa.array([row[name] for row in given], types.get(name))
            for name in USUAL
        }
    )
