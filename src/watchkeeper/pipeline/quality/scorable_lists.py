"""Ranked lists as the arrays that metrics of ranking are computed from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.metrics.quality import (
    Measured,
    QualityChoice,
    RankedRows,
    Task,
    measure_ranked,
)
from watchkeeper.pipeline.quality.item_facts import ItemFacts
from watchkeeper.pipeline.quality.scoring import Mask, entity_codes

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_HOUR_MICROSECONDS = 3_600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorableLists:
    """Ranked lists of which any part can be measured.

    Parameters
    ----------
    places
        Rows of the table that could be used: lists of which it is known what was relevant.
    lists, positions, gains, items
        A row for each item that was shown or relevant, as in `RankedRows`; lists count from 0 in
        the order of ``places``, and items by their place in ``names``.
    tastes
        What the user of each list took in the reference, as shares of the items' traits, shape
        (m, g).
    """

    places: Ints
    lists: Ints
    positions: Ints
    gains: Floats
    items: Ints
    names: pa.Array
    entities: Ints | None
    facts: ItemFacts
    popularity: Floats | None
    traits: Floats | None
    tastes: Floats | None

    def __len__(self) -> int:
        return len(self.places)

    @property
    def task(self) -> Task:
        """What is predicted."""
        return "ranking"

    def rows(self, chosen: Mask | None = None) -> RankedRows:
        """Return all lists, or those of a mask, as what `measure_ranked` takes."""
        count = len(self.places) if chosen is None else int(np.count_nonzero(chosen))
        inside = slice(None) if chosen is None else chosen[self.lists]
        lists = self.lists[inside]
        if chosen is not None:
            lists = (np.cumsum(chosen) - 1)[lists].astype(np.int64)
        entities = (
            self.entities if chosen is None or self.entities is None else (self.entities[chosen])
        )
        return RankedRows(
            lists=lists,
            positions=self.positions[inside],
            gains=self.gains[inside],
            items=self.items[inside],
            count=count,
            entities=entities,
            catalogue=self.facts.catalogue,
            popularity=self.popularity,
            traits=self.traits,
            tastes=self.tastes if self.tastes is None or chosen is None else self.tastes[chosen],
        )

    def measured(self, chosen: Mask | None, choice: QualityChoice) -> tuple[Measured, ...]:
        """Return the metrics of all lists, or of those of a mask."""
        return measure_ranked(self.rows(chosen), choice)

    def taken(self) -> dict[str, int]:
        """Return how often each item turned out to be relevant."""
        counts = np.bincount(self.items[self.gains > 0], minlength=len(self.names))
        named = zip(self.names.to_pylist(), counts.tolist(), strict=True)
        return {name: count for name, count in named if count}


def scorable_lists(
    table: pa.Table, facts: ItemFacts, *, taken_before: pa.Table | None = None
) -> ScorableLists:
    """Return the lists of which it is known what was relevant.

    In an hour in which impressions or outcomes came, these are the lists of which anything came.
    Without such, what was not taken leaves no trace, and every list of the hour counts.

    Parameters
    ----------
    table
        As `RankedLists.read` gives it.
    taken_before
        ``entity``, ``item`` and ``count`` of what users took in the reference.
    """
    places = _known(table)
    kept = table.take(pa.array(places))
    shown, shown_in = _flat(_lists(kept, "output"))
    liked, liked_in = _flat(_lists(kept, "items"))
    gains = _gains(kept)
    coded = pa.concat_arrays([shown, liked]).dictionary_encode()
    codes: Ints = pc.fill_null(coded.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    names = coded.dictionary
    shown_codes, liked_codes = codes[: len(shown)], codes[len(shown) :]
    positions = _positions(shown_in)
    width = max(len(names), 1)
    keys = shown_in * width + shown_codes
    firsts = np.unique(keys, return_index=True)[1]
    firsts = firsts[shown_codes[firsts] >= 0]
    liked_keys = liked_in * width + liked_codes
    gain_of_shown, is_shown = _looked_up(keys[firsts], liked_keys, gains)
    rest = ~is_shown & (liked_codes >= 0)
    lists = np.concatenate([shown_in[firsts], liked_in[rest]])
    order = np.argsort(lists, kind="stable")
    zeros = np.zeros(int(rest.sum()), dtype=np.int64)
    return ScorableLists(
        places=places,
        lists=lists[order],
        positions=np.concatenate([positions[firsts], zeros])[order],
        gains=np.concatenate([gain_of_shown, gains[rest]])[order],
        items=np.concatenate([shown_codes[firsts], liked_codes[rest]])[order],
        names=names,
        entities=entity_codes(kept),
        facts=facts,
        popularity=facts.popularity_of(names),
        traits=facts.traits_of(names),
        tastes=None if taken_before is None else _tastes(kept, taken_before, facts),
    )


def _tastes(lists: pa.Table, taken: pa.Table, facts: ItemFacts) -> Floats | None:
    items = taken.column("item").combine_chunks().dictionary_encode()
    traits = facts.traits_of(items.dictionary)
    if traits is None:
        return None
    users = taken.column("entity").combine_chunks().dictionary_encode()
    weights = taken.column("count").to_numpy()[:, None] * traits[items.indices.to_numpy()]
    sums = np.zeros((len(users.dictionary) + 1, traits.shape[1]))
    np.add.at(sums, users.indices.to_numpy(), weights)
    found = pc.index_in(lists.column("entity").combine_chunks(), value_set=users.dictionary)
    # The last row is that of users who took nothing.
    tastes: Floats = sums[pc.fill_null(found.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)]
    return tastes


def _known(table: pa.Table) -> Ints:
    hours = table.column("time").cast(pa.int64()).to_numpy() // _HOUR_MICROSECONDS
    tells = table.column("tells_all").to_numpy().astype(bool)
    is_known = table.column("known_at").is_valid().to_numpy().astype(bool)
    complete = np.isin(hours, np.unique(hours[tells]))
    is_answered = _lists(table, "output").is_valid().to_numpy(zero_copy_only=False)
    return np.flatnonzero(is_answered & (is_known | ~complete)).astype(np.int64)


def _lists(table: pa.Table, name: str) -> pa.Array:
    texts = pa.list_(pa.string())
    if name not in table.column_names:
        return pa.nulls(table.num_rows, texts)
    column = table.column(name)
    if not (pa.types.is_list(column.type) or pa.types.is_null(column.type)):
        return pa.nulls(table.num_rows, texts)
    return column.cast(texts).combine_chunks()


def _flat(lists: pa.Array) -> tuple[pa.Array, Ints]:
    """Return the items of all lists, and the list of each."""
    parents: Ints = pc.list_parent_indices(lists).cast(pa.int64()).to_numpy(zero_copy_only=False)
    return pc.list_flatten(lists), parents


def _gains(table: pa.Table) -> Floats:
    if "gains" not in table.column_names or table.column("gains").null_count == table.num_rows:
        return np.zeros(0)
    flat = pc.list_flatten(table.column("gains").combine_chunks())
    gains: Floats = flat.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return gains


def _positions(parents: Ints) -> Ints:
    """Return 1, 2, ... within each list."""
    begins = (
        np.flatnonzero(np.append(True, parents[1:] != parents[:-1]))
        if len(parents)
        else (np.zeros(0, dtype=np.int64))
    )
    lengths = np.diff(np.append(begins, len(parents)))
    return np.arange(1, len(parents) + 1) - np.repeat(begins, lengths)


def _looked_up(shown: Ints, liked: Ints, gains: Floats) -> tuple[Floats, Mask]:
    """Return the gain of each shown item, and which of the liked ones were shown."""
    order = np.argsort(liked)
    at = np.searchsorted(liked[order], shown)
    found = np.zeros(len(shown), dtype=bool)
    inside = at < len(liked)
    found[inside] = liked[order][at[inside]] == shown[inside]
    gain = np.zeros(len(shown))
    gain[found] = gains[order][at[found]]
    return gain, np.isin(liked, shown)
