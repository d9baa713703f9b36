"""A risk, watched row by row: whether it rose beyond what is accepted, returned, or fell."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.watch.concept.bets import Bets, make_bets
from watchkeeper.watch.concept.course import Course, Onset, find_onset
from watchkeeper.watch.concept.dependence import FIRST_BLOCK
from watchkeeper.watch.concept.evidence import CHUNK, Evidence
from watchkeeper.watch.concept.reference import Reference

Floats: TypeAlias = NDArray[np.float64]
Turn: TypeAlias = Literal["rose", "returned", "fell"]

LEAST_ROWS: Final = 256
"""A reference of fewer rows is not held against anything."""

LEAST_EFFECTIVE_ROWS: Final = 100.0
"""Nor is one that tells less than so many independent rows."""

# Nobody is called for a fall; one that is taken for true makes the next rise from it look like one.
_FALL_IS_SURE = 20.0
# A sum over all beginnings grows to about the number of rows by itself.
_RETURN_ROWS = 50_000.0
_BACK_FROM = 0.4
_FURTHER = 0.25
_SWING = 0.1


class RiskSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What is accepted.

    Attributes
    ----------
    mean_rows
        Mean number of rows until a false alarm, at least.
    tolerance
        Rise of the risk that nobody needs to hear of, in units of the loss.
    doubts
        How many standard errors of a reference of dependent rows are no rise yet.
    follows_falls
        Whether a lower risk becomes the reference; else the reference stays as it is.
    """

    mean_rows: float = 1_000_000.0
    tolerance: float = 0.0
    doubts: float = 1.0
    follows_falls: bool = True


class Stakes(msgspec.Struct, frozen=True, kw_only=True):
    """Bets on the rows of one chunk: on a rise, on a fall, and on a return once it rose."""

    rise: Bets | None
    fall: Bets | None
    back: Bets | None


class RiskMonitor(msgspec.Struct, kw_only=True):
    """Follows losses from 0 to 1 in the order of time; can be stored at any row.

    Rows are held against the reference and the tolerance. As long as neither a rise nor a fall
    was found they are taken into the reference, chunk by chunk of 64 rows, until that is large.
    After a rise the rows that follow are the reference. Unless falls are followed, what was normal
    is kept, and once the risk is nearer to it than to what it had risen to, it has returned.

    Attributes
    ----------
    worse, better, back
        Evidence that the risk rose by more than the tolerance, that it fell by more, and that it
        is back.
    normal
        The reference of before the rise; ``None`` while there is none.
    risen_rows, risen_total
        Rows from the beginning of the rise until it was known, and the sum of their losses.
    midway
        Risk below which it is back; ``None`` until 256 rows more tell how far it rose, since what
        made the rise known is farther up than what follows.
    course
        Since the last turn.
    rows
        Rows since the start.
    in_chunk, chunk_total, chunk_squares, block_total
        Rows of the chunk under way, sums over it, and over its last block of 8.
    ratio
        Evidence of a rise; 1 makes it known.
    """

    settings: RiskSettings
    reference: Reference
    worse: Evidence
    better: Evidence
    back: Evidence
    course: Course
    normal: Reference | None = None
    risen_rows: int = 0
    risen_total: float = 0.0
    midway: float | None = None
    rows: int = 0
    in_chunk: int = 0
    chunk_total: float = 0.0
    chunk_squares: float = 0.0
    block_total: float = 0.0
    ratio: float = 0.0
    stakes: Stakes | None = None

    @classmethod
    def start(cls, settings: RiskSettings, reference: Reference | None = None) -> RiskMonitor:
        """Return a monitor that has seen no row."""
        return cls(
            settings=settings,
            reference=reference or Reference.none(),
            worse=Evidence.none(),
            better=Evidence.none(),
            back=Evidence.none(),
            course=Course.none(),
        )

    def add(self, loss: float) -> Turn | None:
        """Take in one row, and say what it makes known."""
        stakes = self.stakes
        if stakes is None:
            stakes = self.stakes = self._make_stakes()
        self.rows += 1
        self.in_chunk += 1
        self.chunk_total += loss
        self.chunk_squares += loss * loss
        self.block_total += loss
        if self.in_chunk % FIRST_BLOCK == 0:
            if not self.reference.is_full:
                self.reference.dependence.add(self.block_total)
            self.block_total = 0.0
        risen = fallen = back = 0.0
        if stakes.rise is not None:
            risen = self.worse.add(loss - stakes.rise.centre, stakes.rise)
        if stakes.fall is not None:
            fallen = self.better.add((1.0 - loss) - stakes.fall.centre, stakes.fall)
        if stakes.back is not None:
            back = self.back.add((1.0 - loss) - stakes.back.centre, stakes.back)
        self.ratio = risen / self.settings.mean_rows
        if self.in_chunk == CHUNK:
            for evidence in (self.worse, self.better, self.back):
                evidence.turn()
            self._end_chunk()
        return self._turn(risen, fallen, back)

    def add_many(self, losses: Floats) -> tuple[int, Turn | None]:
        """Take in rows until one makes something known.

        Returns
        -------
        tuple
            How many rows were taken in, and what the last of them made known.
        """
        at = 0
        while at < len(losses):
            whole = self.in_chunk == 0 and len(losses) - at >= CHUNK
            if whole and self._add_chunk(losses[at : at + CHUNK]):
                at += CHUNK
                continue
            # Row by row: a part of a chunk, or one in which something becomes known.
            for loss in losses[at : at + CHUNK - self.in_chunk].tolist():
                at += 1
                turn = self.add(loss)
                if turn is not None:
                    return at, turn
        return at, None

    def onset(self, *, rises: bool) -> Onset | None:
        """Return the most likely beginning of a rise or a fall, the chunk under way included."""
        return find_onset(self.course_to_now(), rises=rises)

    def course_to_now(self) -> Course:
        """Return the course with the chunk under way."""
        course = self.course
        found = Course(rows=[*course.rows], totals=[*course.totals], squares=[*course.squares])
        if self.in_chunk:
            found.add(self.in_chunk, self.chunk_total, self.chunk_squares)
        return found

    def follow(self, turn: Turn) -> None:
        """Go on from a turn that was told; without, it is told again and again."""
        if turn == "fell" and not self.settings.follows_falls:
            self.better = Evidence.none()
            return
        if turn == "returned":
            assert self.normal is not None
            following, self.normal = self.normal, None
            if self.reference.rows + self.risen_rows <= _SWING * following.rows:
                # A short swing is a part of what is normal; to leave out each would bias it low.
                following.take_in(self.reference)
        else:
            following = Reference.none()
            # How rows depend on each other is no matter of their risk.
            following.time, following.time_rows = self.reference.time, self.reference.time_rows
            # Where falls are followed, a return is a fall like any other.
            if turn == "rose" and not self.settings.follows_falls:
                self._begin_rise()
        self.reference = following
        self.worse, self.better, self.back = Evidence.none(), Evidence.none(), Evidence.none()
        self.course = Course.none()
        self.in_chunk, self.chunk_total, self.chunk_squares = 0, 0.0, 0.0
        self.block_total, self.stakes = 0.0, None

    def _begin_rise(self) -> None:
        if self.normal is None:
            self.normal = self.reference
        onset = self.onset(rises=True)
        self.risen_rows = 0 if onset is None else onset.rows
        self.risen_total = 0.0 if onset is None else onset.total
        self.midway = None

    def _set_midway(self, normal: Reference) -> None:
        rows = self.risen_rows + self.reference.rows
        high = (self.risen_total + self.reference.total) / rows
        low = normal.mean + self.settings.tolerance
        self.midway = low + _BACK_FROM * max(high - low, 0.0)

    def _add_chunk(self, losses: Floats) -> bool:
        """Take in a whole chunk, unless something becomes known in it."""
        stakes = self._make_stakes()
        risen, worse = self.worse.after(losses, stakes.rise)
        fallen, better = self.better.after(1.0 - losses, stakes.fall)
        returned, back = self.back.after(1.0 - losses, stakes.back)
        if self._turn(float(risen.max()), float(fallen.max()), float(returned.max())) is not None:
            return False
        self.worse.begin(worse)
        self.better.begin(better)
        self.back.begin(back)
        self.ratio = float(risen[-1]) / self.settings.mean_rows
        self.rows += CHUNK
        if not self.reference.is_full:
            blocks = np.add.accumulate(losses.reshape(-1, FIRST_BLOCK), axis=1)[:, -1]
            for total in blocks.tolist():
                self.reference.dependence.add(total)
        self.chunk_total = float(np.add.accumulate(losses)[-1])
        self.chunk_squares = float(np.add.accumulate(losses * losses)[-1])
        self._end_chunk()
        return True

    def _turn(self, risen: float, fallen: float, back: float) -> Turn | None:
        if risen >= self.settings.mean_rows:
            return "rose"
        if back >= _RETURN_ROWS:
            return "returned"
        return "fell" if fallen >= _FALL_IS_SURE * self.settings.mean_rows else None

    def _make_stakes(self) -> Stakes:
        """Return bets for the next chunk; none while the reference is too short."""
        reference = self.reference
        tolerance = self.settings.tolerance + self.settings.doubts * reference.doubt
        if self.normal is not None:
            # How far it rose is known from few rows: only a clear further rise is one.
            tolerance += _FURTHER * max(reference.mean - self.normal.mean, 0.0)
        mean, variance, time = reference.mean, reference.variance, reference.time
        rise = fall = back = None
        if reference.rows >= LEAST_ROWS and reference.effective_rows >= LEAST_EFFECTIVE_ROWS:
            most = min(mean + tolerance, 0.5 * (1.0 + mean))
            least = max(mean - tolerance, 0.5 * mean)
            rise = make_bets(most, variance, time)
            fall = make_bets(1.0 - least, variance, time)
        if self.normal is not None and self.midway is not None:
            back = make_bets(1.0 - self.midway, self.normal.variance, self.normal.time)
        return Stakes(rise=rise, fall=fall, back=back)

    def _end_chunk(self) -> None:
        self.course.add(CHUNK, self.chunk_total, self.chunk_squares)
        if not self.reference.is_full:
            self.reference.add(CHUNK, self.chunk_total, self.chunk_squares)
        if self.normal is not None and self.midway is None and self.reference.rows >= LEAST_ROWS:
            self._set_midway(self.normal)
        self.in_chunk, self.chunk_total, self.chunk_squares = 0, 0.0, 0.0
        self.block_total, self.stakes = 0.0, None
