"""How often items were taken in the reference: what a list's novelty is held against."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from watchkeeper.store import KeptCell, QualityKey, Store

_VALUE = "items"
_KEY = QualityKey(level=0, dimension="all", value=_VALUE, start=0)
_MOST_ITEMS = 100_000


def popularity_cells(taken: Mapping[str, int]) -> dict[QualityKey, KeptCell]:
    """Return what to keep beside the reference's metrics: the 100,000 items taken most."""
    most = sorted(taken.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_ITEMS]
    return {_KEY: KeptCell(_VALUE, 0, 0, 0, msgspec.msgpack.encode(dict(most)))}


def popularity_of(store: Store, model: str) -> dict[str, int]:
    """Return how often items were taken in a model's reference; nothing without one."""
    for cell in store.quality.cells(model, 0, start=0, end=1):
        if cell.value == _VALUE:
            return msgspec.msgpack.decode(cell.payload, type=dict[str, int])
    return {}
