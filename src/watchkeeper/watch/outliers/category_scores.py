"""A category's scores: a rare value by its share, a common one by what goes with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from watchkeeper.watch.outliers.number_scores import NOVEL, score_of_share

_COMMON: Final = 0.1
_MOST_VALUES: Final = 20_000


class CategoryScores(msgspec.Struct, frozen=True, kw_only=True, tag="category"):
    """What is known of a category's values.

    Attributes
    ----------
    common
        Values of a tenth of the rows or more; each is a coordinate of the joint part.
    shares
        Their shares.
    rare
        Score of each rarer value.
    unseen, null
        Scores of a value that never came, and of none.
    """

    name: str
    common: tuple[str, ...]
    shares: tuple[float, ...]
    rare: dict[str, float]
    unseen: float
    null: float

    def coordinates(self, value: str | None) -> list[float]:
        """Return the standardised indicators of the common values; an unknown one is average."""
        if value not in self.common:
            is_known = value in self.rare
            return [-((share / (1 - share)) ** 0.5) if is_known else 0.0 for share in self.shares]
        return [
            ((1 - share) / share) ** 0.5 if value == one else -((share / (1 - share)) ** 0.5)
            for one, share in zip(self.common, self.shares, strict=True)
        ]

    def score(self, value: str | None) -> float:
        """Return the score of a value by itself, 0 for a common one."""
        if value is None:
            return self.null
        if value in self.common:
            return 0.0
        return self.rare.get(value, self.unseen)


def fit_category(name: str, counts: Mapping[str, int], *, rows: int) -> CategoryScores:
    """Learn the scores of a category from how often each value came among the reference's rows.

    By Good and Turing, the share of the values that came once is the share of values yet unseen;
    where none came once, a value that never came is `NOVEL`.

    References
    ----------
    Good, I. J. (1953), The population frequencies of species.
    """
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    # A value that all rows have needs no indicator: it never varies.
    common = [(v, n / rows) for v, n in ranked if _COMMON <= n / rows < 1.0]
    whole = [v for v, n in ranked if n == rows]
    rare = {v: score_of_share(n, rows) for v, n in ranked if n / rows < _COMMON}
    kept = dict(list(rare.items())[:_MOST_VALUES]) | dict.fromkeys(whole, 0.0)
    once = sum(n == 1 for n in counts.values())
    is_cut = len(kept) < len(rare)
    unseen = score_of_share(max(once, int(is_cut)), rows) if once or is_cut else NOVEL
    return CategoryScores(
        name=name,
        common=tuple(v for v, _ in common),
        shares=tuple(share for _, share in common),
        rare=kept,
        unseen=unseen if rows >= 100 else 0.0,
        null=score_of_share(rows - sum(counts.values()), rows),
    )
