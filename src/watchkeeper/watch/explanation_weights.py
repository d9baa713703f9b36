"""How the budget is shared between the data and what its features contributed to the output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

PART: Final = 0.25
"""Weight of all contributions together, as a part of that of all other columns."""


def explanation_weights(
    names: Sequence[str], explanations: Sequence[str], given: Mapping[str, float]
) -> dict[str, float]:
    """Return the importance of columns: what was given, and that of contributions.

    All contributions together have a quarter of the weight that all other columns have, in equal
    parts, and none more than 1. So however many there are, they have at most a fifth of the
    budget, and what the data has to show for an incident grows by a quarter: for evidence that
    grows exponentially, a small part of a bucket.

    Parameters
    ----------
    names
        All watched columns; parts of one column, ``note.length``, count as that column.
    explanations
        Those of them that are contributions.
    given
        Importance by a person, default 1; contributions may be among them.

    Examples
    --------
    >>> names = ["age", "plan", "explanation:age", "explanation:plan"]
    >>> explanation_weights(names, names[2:], {"age": 3.0})
    {'age': 3.0, 'explanation:age': 0.5, 'explanation:plan': 0.5}
    """
    reasons = set(explanations)
    data: dict[str, float] = {}
    for name in names:
        if name not in reasons:
            source = name.partition(".")[0]
            data[source] = max(data.get(source, 0.0), given.get(name, given.get(source, 1.0)))
    shared = [name for name in explanations if name not in given]
    weight = min(1.0, PART * sum(data.values()) / max(len(shared), 1)) if data else 1.0
    return {**given, **dict.fromkeys(shared, weight)}
