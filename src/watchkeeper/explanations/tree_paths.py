"""Trees as the paths to their leaves: what a row must hold to get there, feature by feature."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

#: Places of a table of categories: codes 0 to 255, and last what is missing or was never seen.
CATEGORY_PLACES = 257
# A branch that no training weight reached: small enough for every sum, and never a division by 0.
_LEAST_COVER = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A fitted binary tree, node by node; the root is node 0.

    A row goes left where its value is at most the threshold.

    Attributes
    ----------
    left, right
        Children of each node; ``right`` is not looked at where ``is_leaf``.
    feature, threshold
        What is asked at each node.
    missing_left
        Whether a missing value goes left.
    cover
        Training weight that reached each node.
    value
        What a leaf adds to the margin.
    goes_left
        For nodes that ask for a category: by code, whether it goes left; shape ``(257,)``.
    """

    left: NDArray[np.intp]
    right: NDArray[np.intp]
    is_leaf: NDArray[np.bool_]
    feature: NDArray[np.intp]
    threshold: NDArray[np.float64]
    missing_left: NDArray[np.bool_]
    cover: NDArray[np.float64]
    value: NDArray[np.float64]
    goes_left: dict[int, NDArray[np.bool_]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafPaths:
    """Leaves whose paths ask for the same number of features, side by side.

    All arrays but the last three are of shape ``(features, leaves)``: one condition for each
    feature of a path, however often the path asks for it.

    Attributes
    ----------
    feature
        Column of each condition.
    low, high
        The condition holds for values above ``low`` (NaN: no bound) and at most ``high``.
    missing
        Whether it holds for a missing value.
    cover
        Share of the training weight that it lets pass, above 0.
    value
        What each leaf adds; shape ``(leaves,)``.
    places, categories
        Conditions on a category by their row and column in the arrays, shape ``(2, n)``, and by
        code whether each holds, shape ``(n, 257)``.
    """

    feature: NDArray[np.intp]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    missing: NDArray[np.bool_]
    cover: NDArray[np.float64]
    value: NDArray[np.float64]
    places: NDArray[np.intp]
    categories: NDArray[np.bool_]

    def some(self, first: int, last: int) -> LeafPaths:
        """Return the leaves from the first (included) to the last (excluded)."""
        at = slice(first, last)
        chosen = (self.places[1] >= first) & (self.places[1] < last)
        return LeafPaths(
            feature=self.feature[:, at],
            low=self.low[:, at],
            high=self.high[:, at],
            missing=self.missing[:, at],
            cover=self.cover[:, at],
            value=self.value[at],
            places=self.places[:, chosen] - np.array([[0], [first]]),
            categories=self.categories[chosen],
        )


@dataclass(slots=True)
class _Condition:
    low: float = np.nan
    high: float = np.inf
    missing: bool = True
    cover: float = 1.0
    categories: NDArray[np.bool_] | None = None


_Path = dict[int, _Condition]


def leaf_paths(trees: Iterable[Tree]) -> tuple[LeafPaths, ...]:
    """Return the leaves of the trees, those with equally many features on their path together.

    Leaves of value 0 are left out: they add nothing.
    """
    by_length: dict[int, list[tuple[_Path, float]]] = defaultdict(list)
    for tree in trees:
        for path, value in _walk(tree):
            if value != 0.0:
                by_length[len(path)].append((path, value))
    return tuple(_beside(length, leaves) for length, leaves in sorted(by_length.items()))


def _walk(tree: Tree) -> Iterable[tuple[_Path, float]]:
    waiting: list[tuple[int, _Path]] = [(0, {})]
    while waiting:
        node, path = waiting.pop()
        if tree.is_leaf[node]:
            yield path, float(tree.value[node])
            continue
        for is_left, child in ((True, int(tree.left[node])), (False, int(tree.right[node]))):
            feature = int(tree.feature[node])
            narrowed = _narrow(path.get(feature, _Condition()), tree, node, child, is_left)
            waiting.append((child, {**path, feature: narrowed}))


def _narrow(known: _Condition, tree: Tree, node: int, child: int, is_left: bool) -> _Condition:
    weight = float(tree.cover[node])
    share = float(tree.cover[child]) / weight if weight > 0 else 0.0
    narrow = _Condition(
        low=known.low,
        high=known.high,
        missing=known.missing and bool(tree.missing_left[node]) == is_left,
        cover=max(known.cover * share, _LEAST_COVER),
        categories=known.categories,
    )
    if node in tree.goes_left:
        chosen = tree.goes_left[node] == is_left
        narrow.categories = chosen if known.categories is None else chosen & known.categories
    elif is_left:
        narrow.high = min(known.high, float(tree.threshold[node]))
    else:
        narrow.low = np.fmax(known.low, float(tree.threshold[node]))
    return narrow


def _beside(length: int, leaves: list[tuple[_Path, float]]) -> LeafPaths:
    shape = (length, len(leaves))
    conditions = [list(path.values()) for path, _ in leaves]
    flat = [leaf[place] for place in range(length) for leaf in conditions]
    asked = [at for at, condition in enumerate(flat) if condition.categories is not None]
    sets = [one.categories for one in flat if one.categories is not None]
    features = [list(path)[place] for place in range(length) for path, _ in leaves]
    return LeafPaths(
        feature=np.array(features, np.intp).reshape(shape),
        low=np.array([one.low for one in flat], float).reshape(shape),
        high=np.array([one.high for one in flat], float).reshape(shape),
        missing=np.array([one.missing for one in flat], bool).reshape(shape),
        cover=np.array([one.cover for one in flat], float).reshape(shape),
        value=np.array([value for _, value in leaves], float),
        places=np.array(np.divmod(np.array(asked, np.intp), len(leaves)), np.intp),
        categories=np.array(sets, bool).reshape(len(asked), CATEGORY_PLACES),
    )
