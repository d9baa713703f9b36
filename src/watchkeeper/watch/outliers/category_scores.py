"""A category's scores: a rare value by its share, a common one by what goes with it."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.watch.outliers.number_scores import NOVEL, Scores, score_of_share

_COMMON: Final = 0.1
_MOST_VALUES: Final = 500
_LEAST_ROWS: Final = 100


class CategoryScores(msgspec.Struct, frozen=True, kw_only=True, tag="category", dict=True):
    """What is known of a category's values.

    Attributes
    ----------
    values, counts
        The 500 most frequent values, the most frequent first, and the rows of each.
    common
        How many of them have a tenth of the rows or more; each is a coordinate of the joint part.
        A value that all rows have is none: it never varies.
    others
        Rows of the values that are not among the 500.
    rows
        Of the reference.
    unseen, null
        Scores of any other value, and of none.
    """

    values: tuple[str | float, ...]
    counts: tuple[int, ...]
    common: int
    others: int
    rows: int
    unseen: float
    null: float

    def places(self, column: pa.Array) -> NDArray[np.intp]:
        """Return the place of each value; any other has the one after the last, null the next."""
        if not len(self.values):
            found = np.zeros(len(column), dtype=np.intp)
        else:
            at = pc.index_in(column, value_set=self._value_set)
            at = at.fill_null(len(self.values)) if at.null_count else at
            found = at.to_numpy(zero_copy_only=False).astype(np.intp)
        if column.null_count:
            found[column.is_null().to_numpy(zero_copy_only=False)] = len(self.values) + 1
        return found

    @cached_property
    def scores(self) -> Scores:
        """Score of each place by itself, 0 for a common value.

        That of a rare value is by the rows of all values that are as rare or rarer: where most
        values are rare, none is odd.
        """
        counts = np.array(self.counts, dtype=np.int64)
        tails = np.cumsum(counts[::-1])[::-1] + self.others
        as_rare = tails[np.searchsorted(-counts, -counts[self.common :])]
        rare = [score_of_share(count, self.rows) for count in as_rare.tolist()]
        return np.array([*[0.0] * self.common, *rare, self.unseen, self.null], dtype=np.float32)

    @cached_property
    def coordinates(self) -> Scores:
        """Standardised indicators of the common values, shape (common, places).

        A value that never came, and none, are average.
        """
        shares = np.array(self.counts[: self.common]) / self.rows
        found = np.zeros((self.common, len(self.values) + 2))
        found[:, : len(self.values)] = -np.sqrt(shares / (1.0 - shares))[:, None]
        found[range(self.common), range(self.common)] = np.sqrt((1.0 - shares) / shares)
        return found.astype(np.float32)

    @cached_property
    def _value_set(self) -> pa.Array:
        return pa.array(self.values)


def fit_category(column: pa.Array) -> CategoryScores:
    """Learn the scores of a category from the reference's values.

    By Good and Turing, the share of the values that came once is the share of values yet unseen;
    where none came once, a value that never came is `NOVEL`. Beyond the 500 most frequent ones,
    values are not told from those that never came.

    References
    ----------
    Good, I. J. (1953), The population frequencies of species.
    """
    rows = len(column)
    counted = pc.value_counts(column.drop_null())
    pairs = zip(counted.field(0).to_pylist(), counted.field(1).to_pylist(), strict=True)
    ranked = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
    kept = ranked[:_MOST_VALUES]
    others = sum(count for _, count in ranked[_MOST_VALUES:])
    new = others + sum(count == 1 for _, count in kept)
    unseen = score_of_share(new, rows) if new else NOVEL
    return CategoryScores(
        values=tuple(value for value, _ in kept),
        counts=tuple(count for _, count in kept),
        common=sum(_COMMON <= count / rows < 1.0 for _, count in kept),
        others=others,
        rows=rows,
        unseen=unseen if rows >= _LEAST_ROWS else 0.0,
        null=score_of_share(column.null_count, rows),
    )
