"""What labels came for which predictions: of the reference, of late, and day by day before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.watch.concept.relation import (
    Regime,
    Relation,
    bin_edges,
    nearest_regime,
    places_of,
    remember,
)
from watchkeeper.watch.concept.risk_rows import RiskRows

_PIECE = 128
_MOST_PIECES = 64
_SPAN = timedelta(days=1)
_SPAN_ROWS = 384


class Piece(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """The relation of 128 rows: number of the first, times of the first and the last."""

    row: int
    start: int
    end: int
    relation: Relation


class RelationLog(msgspec.Struct, kw_only=True):
    """The relation of the reference, of some thousand rows, and of the days before these.

    Attributes
    ----------
    edges
        Between bins of what is predicted.
    normal
        Of the reference.
    waiting
        Time, what was predicted and what came, of less than 128 rows.
    pieces
        Of the latest rows, oldest first.
    regimes
        Of before; alike neighbours are one.
    """

    edges: list[float]
    normal: Relation
    waiting: list[tuple[int, float, float]]
    pieces: list[Piece]
    regimes: tuple[Regime, ...]

    @classmethod
    def of(cls, predicted: NDArray[np.float64], came: NDArray[np.float64]) -> RelationLog:
        """Learn from the reference, at least one row."""
        edges = bin_edges(predicted)
        normal = Relation.of(places_of(predicted, edges), came, len(edges) + 1)
        return cls(edges=edges.tolist(), normal=normal, waiting=[], pieces=[], regimes=())

    def add(self, first: int, rows: RiskRows) -> None:
        """Take in rows; ``first`` is the number of the first of them."""
        row = first
        while len(rows):
            # A piece is added up when it is whole, so that rows in any slices give the same sums.
            part = rows.at(slice(0, _PIECE - len(self.waiting)))
            self.waiting += zip(
                part.times.tolist(), part.predicted.tolist(), part.came.tolist(), strict=True
            )
            rows = rows.at(slice(len(part), None))
            row += len(part)
            if len(self.waiting) == _PIECE:
                self._append(self._piece(row))
                self.waiting = []

    def _piece(self, end: int) -> Piece:
        """Return the rows that wait as a piece; ``end`` is the number of the next row."""
        times, predicted, came = zip(*self.waiting, strict=True)
        edges = np.array(self.edges)
        places = places_of(np.array(predicted), edges)
        relation = Relation.of(places, np.array(came), len(edges) + 1)
        return Piece(row=end - len(times), start=min(times), end=max(times), relation=relation)

    def like_now(self, since: int) -> Regime | None:
        """Return the time of before whose relation is that of the rows since one, if one is."""
        now = Relation.none(len(self.edges) + 1)
        before = self.regimes
        for piece in self.pieces:
            if piece.row >= since:
                now = now + piece.relation
            elif piece.row + _PIECE <= since:
                before = _remembered(before, piece)
        return nearest_regime(before, self.normal, now)

    def _append(self, piece: Piece) -> None:
        self.pieces.append(piece)
        if len(self.pieces) > _MOST_PIECES:
            self.regimes = _remembered(self.regimes, self.pieces.pop(0))


def _remembered(regimes: tuple[Regime, ...], piece: Piece) -> tuple[Regime, ...]:
    """Add a piece to the last time, or begin another if that is a day long and has enough rows."""
    start, end = (datetime.fromtimestamp(at // 1_000_000, UTC) for at in (piece.start, piece.end))
    last = regimes[-1] if regimes else None
    if last is None or (end - last.start >= _SPAN and last.relation.count >= _SPAN_ROWS):
        return remember(regimes, Regime(start=start, end=end, relation=piece.relation))
    joined = Regime(
        start=min(last.start, start),
        end=max(last.end, end),
        relation=last.relation + piece.relation,
    )
    return (*regimes[:-1], joined)
