"""A detector of concept drift for learners on streams, beside river's ADWIN and DDM."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from watchkeeper.errors import DataError, SettingsError
from watchkeeper.watch.concept.monitor import RiskMonitor, RiskSettings, Turn
from watchkeeper.watch.concept.reference import Reference

_WARNING_RATIO = 0.05


class ConceptDriftDetector:
    """Tells when a model's loss has risen, with a promise of how seldom it is wrong.

    It has the interface of the detectors of `river <https://riverml.xyz>`_ and works where one of
    them does. Only a rise is a drift; a fall is noted, and what follows is held against
    the lower loss. After a drift the rows since its onset are the new reference.

    Parameters
    ----------
    mean_rows
        Mean number of rows until a false alarm, at least: 1,000,000 are 0.01 alarms in 10,000 rows.
    tolerance
        A rise by less than this, in the units of the loss, is no drift.
    largest_loss
        Losses are cut off here: 1 for errors.
    reference
        Losses of before, in the order of time, that are held for normal until the first drift.
        Without, the stream's own start is.

    Notes
    -----
    An e-detector (Shin, Ramdas, Rinaldo 2022) on bets about a bounded mean (Waudby-Smith, Ramdas
    2024), against a risk as in Podkopaev, Ramdas 2022, "Tracking the risk of a deployed model".
    Unlike other detectors, it learns from the reference how much
    neighbouring rows depend on each other, so that errors in bursts are no alarm if they always
    came in bursts. A row costs the same however many came before.

    Examples
    --------
    >>> import numpy as np
    >>> errors = np.random.default_rng(0).random(12_000) < np.repeat([0.2, 0.3], [10_000, 2_000])
    >>> detector = ConceptDriftDetector()
    >>> for row, error in enumerate(errors):
    ...     detector.update(error)
    ...     if detector.drift_detected:
    ...         print(f"row {row}, {detector.rows_since_onset} rows after the onset")
    row 10626, 579 rows after the onset
    """

    def __init__(
        self,
        mean_rows: float = 1_000_000.0,
        tolerance: float = 0.0,
        largest_loss: float = 1.0,
        reference: Sequence[float] | NDArray[np.float64] | None = None,
    ) -> None:
        if not mean_rows > 1:
            raise SettingsError(f"mean_rows: expected a number above 1, got {mean_rows!r}")
        if not 0 < largest_loss < math.inf:
            raise SettingsError(f"largest_loss: expected a number above 0, got {largest_loss!r}")
        if not 0 <= tolerance < largest_loss:
            raise SettingsError(
                f"tolerance: expected a number from 0 to below the largest loss,"
                f" {largest_loss:g}, got {tolerance!r}"
            )
        self.mean_rows = mean_rows
        self.tolerance = tolerance
        self.largest_loss = largest_loss
        self.reference = reference
        self._settings = RiskSettings(mean_rows=mean_rows, tolerance=tolerance / largest_loss)
        self.n_detections = 0
        self.reset()

    def reset(self) -> None:
        """Forget every row but the given reference."""
        known = None if self.reference is None else Reference.of(self._scaled(self.reference))
        self._monitor = RiskMonitor.start(self._settings, known)
        self._last: Turn | None = None
        self._ratio = 0.0
        self.rows_since_onset = 0

    def update(self, x: float) -> None:
        """Take in the loss of one row, such as whether the prediction was wrong.

        Raises
        ------
        DataError
            If it is negative or no number.
        """
        loss = float(x) / self.largest_loss
        if not loss >= 0.0:
            raise DataError(f"expected a loss of at least 0, got {x!r}")
        self._told(self._monitor.add(min(loss, 1.0)))

    def update_many(self, x: ArrayLike) -> list[int]:
        """Take in many rows at once; the result equals `update` with one after the other.

        Returns
        -------
        list of int
            Places in ``x``, from 0, of the rows at which a drift was detected.

        Raises
        ------
        DataError
            If one is negative or no number; then none is taken in.
        """
        losses = self._scaled(x)
        drifts, at = [], 0
        while at < len(losses):
            taken, turn = self._monitor.add_many(losses[at:])
            at += taken
            self._told(turn)
            if turn == "rose":
                drifts.append(at - 1)
        return drifts

    @property
    def drift_detected(self) -> bool:
        """Whether the last row made a rise of the loss known."""
        return self._last == "rose"

    @property
    def improvement_detected(self) -> bool:
        """Whether the last row made a fall of the loss known."""
        return self._last == "fell"

    @property
    def warning_detected(self) -> bool:
        """Whether the evidence is above a twentieth of what makes a drift."""
        return not self.drift_detected and self._ratio >= _WARNING_RATIO

    @property
    def evidence_ratio(self) -> float:
        """Evidence for a rise after the last row; 1 makes a drift."""
        return self._ratio

    @property
    def estimation(self) -> float:
        """The loss that is held for normal now."""
        return self._monitor.reference.mean * self.largest_loss

    def clone(
        self, new_params: Mapping[str, Any] | None = None, include_attributes: bool = False
    ) -> ConceptDriftDetector:
        """Return a detector with the same settings that has seen no row."""
        del include_attributes  # it has none that are learned elsewhere
        return type(self)(**(self._get_params() | dict(new_params or {})))

    def _get_params(self) -> dict[str, Any]:
        return {
            "mean_rows": self.mean_rows,
            "tolerance": self.tolerance,
            "largest_loss": self.largest_loss,
            "reference": self.reference,
        }

    def _told(self, turn: Turn | None) -> None:
        self._last, self._ratio = turn, self._monitor.ratio
        if turn is None:
            return
        if turn == "rose":
            self.n_detections += 1
            onset = self._monitor.onset(rises=True)
            self.rows_since_onset = 0 if onset is None else onset.rows
        self._monitor.follow(turn)

    def _scaled(self, x: ArrayLike | Iterable[float]) -> NDArray[np.float64]:
        losses = np.asarray(x, dtype=np.float64).reshape(-1) / self.largest_loss
        bad = np.flatnonzero(~(losses >= 0.0))
        if len(bad):
            value = float(losses[bad[0]]) * self.largest_loss
            raise DataError(f"expected losses of at least 0, got {value!r} at place {bad[0]}")
        return np.minimum(losses, 1.0)
