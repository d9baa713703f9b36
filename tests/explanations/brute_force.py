"""Shapley values from their definition, over all coalitions: slow, and plainly right."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray


def shapley(worth: Callable[[frozenset[int]], float], players: int) -> list[float]:
    """Each player's mean addition to what a coalition is worth, over all orders of joining."""

    def addition(player: int) -> float:
        others = [other for other in range(players) if other != player]
        total = 0.0
        for size in range(players):
            weight = factorial(size) * factorial(players - size - 1) / factorial(players)
            for chosen in combinations(others, size):
                known = frozenset(chosen)
                total += weight * (worth(known | {player}) - worth(known))
        return total

    return [addition(player) for player in range(players)]


def tree_worth(tree: Any, row: NDArray[np.float64], value: NDArray[np.float64]) -> Any:
    """Return the game of a tree of scikit-learn: both ways where a feature is not known."""
    row = row.astype(np.float32)

    def expected(node: int, known: frozenset[int]) -> float:
        left, right = tree.children_left[node], tree.children_right[node]
        if left < 0:
            return float(value[node])
        feature = tree.feature[node]
        if feature in known:
            asked = row[feature]
            unknown_left = np.isnan(asked) and tree.missing_go_to_left[node]
            return expected(left if asked <= tree.threshold[node] or unknown_left else right, known)
        covers = tree.weighted_n_node_samples
        return float(
            covers[left] * expected(left, known) + covers[right] * expected(right, known)
        ) / float(covers[node])

    return lambda known: expected(0, known)
