"""What is known of the items of ranked lists: how often they were taken, what they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.store import KeptCell, QualityKey, Store

Floats = NDArray[np.float64]

_VALUE = "items"
_KEY = QualityKey(level=0, dimension="all", value=_VALUE, start=0)
_MOST_ITEMS = 100_000
_MOST_TRAITS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """What lists are held against besides what was relevant in them.

    Parameters
    ----------
    catalogue
        How many items could be shown.
    popularity
        How often items were taken in the reference; empty where nothing is known.
    traits
        ``item`` and ``traits``, as `ItemTraits` keeps them.
    """

    catalogue: int | None = None
    popularity: Mapping[str, int] = field(default_factory=dict)
    traits: pa.Table | None = None

    def popularity_of(self, names: pa.Array) -> Floats | None:
        """Return how often each item was taken, shape (items,)."""
        if not self.popularity:
            return None
        known = [self.popularity.get(name, 0) for name in names.to_pylist()]
        return np.array(known, dtype=np.float64)

    def traits_of(self, names: pa.Array) -> Floats | None:
        """Return the shares of the most frequent traits and of all others, shape (items, g)."""
        if self.traits is None:
            return None
        lists = self.traits.column("traits").combine_chunks()
        flat = pc.list_flatten(lists).dictionary_encode()
        counts = np.bincount(flat.indices.to_numpy(), minlength=len(flat.dictionary))
        order = np.argsort(-counts, kind="stable")[:_MOST_TRAITS]
        places = np.full(len(flat.dictionary), len(order))
        places[order] = np.arange(len(order))
        shares = np.zeros((len(lists), len(order) + 1))
        parents = pc.list_parent_indices(lists).to_numpy()
        np.add.at(shares, (parents, places[flat.indices.to_numpy()]), 1.0)
        totals = shares.sum(axis=1, keepdims=True)
        shares = np.divide(shares, totals, out=np.zeros_like(shares), where=totals > 0)
        found = pc.index_in(names, value_set=self.traits.column("item").combine_chunks())
        at = pc.fill_null(found.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
        return np.where((at >= 0)[:, None], shares[at], 0.0)


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


def item_facts(store: Store, model: str, *, catalogue: int | None) -> ItemFacts:
    """Return what a store knows of a model's items."""
    kept = store.quality.traits.get(model)
    return ItemFacts(
        catalogue=catalogue,
        popularity=popularity_of(store, model),
        traits=None if kept is None else kept.table,
    )
