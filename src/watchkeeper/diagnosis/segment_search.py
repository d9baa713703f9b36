"""A best-first search for the smallest segments whose rows changed more than the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from watchkeeper.diagnosis.coded_columns import CodedColumn
from watchkeeper.diagnosis.contrast import Contrast
from watchkeeper.diagnosis.literals import Literal, Literals, Offer
from watchkeeper.diagnosis.tallies import Rows, Tallies

Floats = NDArray[np.float64]

_BEAM = 24
_CHILDREN = 8
_POLISHED = 24
_KEPT = 60
_SOME_ROWS = 40_000
_MOST_REMEMBERED = 96
_ROUNDS = 3
# A condition must be worth twice what the best of as many by chance would be.
_PRICE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A segment as found.

    Attributes
    ----------
    literals
        In the order of their columns.
    z
        Excess of the quantity in standard errors, by the rows that were searched.
    gain
        Logarithm of the likelihood ratio, less what its conditions cost.
    """

    literals: tuple[Literal, ...]
    z: float
    gain: float


def search_segments(
    columns: Sequence[CodedColumn],
    values: Floats,
    rows: Rows,
    *,
    least_rows: float,
    most_conditions: int = 3,
    pool: Executor | None = None,
) -> list[Candidate]:
    """Return segments with an excess of a quantity, best first, near-duplicates among them.

    Levels of one, two and three conditions, each grown from the best of the one before, as far as
    a bound says that a part of it may still be better than the best found. What a segment is
    grown with is chosen from some of its rows, and then settled on all of them, end by end.

    Parameters
    ----------
    values
        The quantity, shape (rows,): a loss, an error, the value of a column.
    rows
        To search: current ones, and the reference's that they are held against, if any.
    least_rows
        Current rows of the smallest segment to find.

    References
    ----------
    S. Sagadeeva, M. Boehm (2021), SliceLine: fast, linear-algebra-based slice finding for ML model
    debugging, SIGMOD (levels, bounds by size and largest error); M. Kulldorff (1997), A spatial
    scan statistic (the score).
    """
    tallies = Tallies(columns=columns, values=values, pool=pool)
    total = tallies.total(rows)
    contrast = Contrast.of(total)
    literals = Literals(columns=columns, contrast=contrast, least_rows=least_rows)
    # Of a part of the rows the reference may expect anything that it has seen at all.
    least = float(values[rows.reference].min()) if contrast.has_reference else contrast.mean
    search = _Search(
        tallies=tallies,
        literals=literals,
        rows=rows,
        least_expected=least + contrast.change,
    )
    return search.run(most_conditions)


def rescored(
    columns: Sequence[CodedColumn],
    values: Floats,
    rows: Rows,
    found: Iterable[Candidate],
    *,
    least_rows: float,
) -> list[Candidate]:
    """Return segments as they stand out among some rows only; those that no longer do are left out.

    For the parameters see `search_segments`.
    """
    tallies = Tallies(columns=columns, values=values)
    contrast = Contrast.of(tallies.total(rows))
    again = []
    for one in found:
        own = rows
        for literal in one.literals:
            own = own.within(columns[literal.place].codes, literal.low, literal.high)
        if len(own.current) >= least_rows:
            z = float(contrast.z(tallies.total(own)))
            cost = one.z**2 / 2.0 - one.gain
            gain = max(z, 0.0) ** 2 / 2.0 - cost
            if gain > 0.0:
                again.append(Candidate(literals=one.literals, z=z, gain=gain))
    return again


@dataclass(slots=True, kw_only=True)
class _Search:
    tallies: Tallies
    literals: Literals
    rows: Rows
    least_expected: float
    best: float = 0.0
    remembered: dict[tuple[Literal, ...], Rows] = field(default_factory=dict)
    found: dict[tuple[Literal, ...], Candidate] = field(default_factory=dict)

    def run(self, most_conditions: int) -> list[Candidate]:
        level = self._first()
        for _ in range(1, most_conditions):
            self._keep(level)
            beam = sorted(level, key=lambda one: -one.gain)[:_BEAM]
            grown = [child for parent in beam for child in self._grow(parent)]
            level = self._polished(grown)
            if not level:
                break
        self._keep(level)
        return sorted(self.found.values(), key=lambda one: -one.gain)

    def _first(self) -> list[Candidate]:
        places = range(len(self.tallies.columns))
        cells = self.tallies.cells(self.rows, places)
        offers = self.literals.offers(cells, places, each=2)
        refined = {self.literals.refined(cells[:, o.literal.place], o.literal) for o in offers}
        return [self._candidate((one.literal,), one.z) for one in refined]

    def _grow(self, parent: Candidate) -> list[Candidate]:
        """Return a segment's most promising parts, by some of its rows."""
        rows = self._of(parent.literals)
        if not self._is_promising(rows):
            return []
        taken = {one.place for one in parent.literals}
        places = [p for p in range(len(self.tallies.columns)) if p not in taken]
        cells = self.tallies.cells(rows, places, about=_SOME_ROWS)
        offers = self.literals.offers(cells, places)
        offers.sort(key=lambda one: -one.z)
        at = {place: i for i, place in enumerate(places)}
        children = []
        for offer in offers[:_CHILDREN]:
            fine = self.literals.refined(cells[:, at[offer.literal.place]], offer.literal)
            child = self._candidate((*parent.literals, fine.literal), fine.z)
            if child.gain > parent.gain:
                children.append(child)
        return children

    def _is_promising(self, rows: Rows) -> bool:
        contrast = self.literals.contrast
        above = self.tallies.values[rows.current] - self.least_expected
        positive = float(np.maximum(above, 0.0).sum())
        largest = float(above.max(initial=0.0))
        bound = contrast.largest_z(positive, largest, len(above), self.literals.least_rows)
        return bound * bound / 2.0 > self.best

    def _polished(self, grown: Iterable[Candidate]) -> list[Candidate]:
        """Return the best of what was grown, each settled on all rows."""
        chosen: dict[tuple[int, ...], Candidate] = {}
        for child in sorted(grown, key=lambda one: -one.gain):
            chosen.setdefault(tuple(one.place for one in child.literals), child)
        settled = {}
        for child in list(chosen.values())[:_POLISHED]:
            one = self._settled(child)
            settled[one.literals] = one
            self.best = max(self.best, one.gain)
        return list(settled.values())

    def _settled(self, candidate: Candidate) -> Candidate:
        """Move the ends of each condition in turn while the others hold, until none moves."""
        literals, z = candidate.literals, -1.0
        for _ in range(_ROUNDS):
            before = literals
            for i in range(len(literals)):
                offer = self._resettled(literals, i)
                literals = (*literals[:i], offer.literal, *literals[i + 1 :])
                z = offer.z
            if literals == before:
                break
        return self._candidate(literals, z)

    def _resettled(self, literals: tuple[Literal, ...], which: int) -> Offer:
        place = literals[which].place
        rows = self._of([one for i, one in enumerate(literals) if i != which])
        cells = self.tallies.cells(rows, [place])
        offers = [*self.literals.offers(cells, [place]), Offer(literal=literals[which], z=0.0)]
        refined = [self.literals.refined(cells[:, 0], one.literal) for one in offers]
        return max(refined, key=lambda one: one.z)

    def _of(self, literals: Sequence[Literal]) -> Rows:
        """Return a segment's rows; those of its beginnings are kept for others that share them."""
        if not literals:
            return self.rows
        key = tuple(literals)
        known = self.remembered.pop(key, None)
        if known is None:
            last = literals[-1]
            codes = self.tallies.columns[last.place].codes
            known = self._of(literals[:-1]).within(codes, last.low, last.high)
        self.remembered[key] = known
        if len(self.remembered) > _MOST_REMEMBERED:
            self.remembered.pop(next(iter(self.remembered)))
        return known

    def _candidate(self, literals: tuple[Literal, ...], z: float) -> Candidate:
        cost = sum(self.literals.choices(one.place) for one in literals)
        gain = max(z, 0.0) ** 2 / 2.0 - _PRICE * cost
        return Candidate(literals=tuple(sorted(literals)), z=z, gain=gain)

    def _keep(self, level: Iterable[Candidate]) -> None:
        for one in sorted(level, key=lambda one: -one.gain)[:_KEPT]:
            self.found[one.literals] = one
            self.best = max(self.best, one.gain)
