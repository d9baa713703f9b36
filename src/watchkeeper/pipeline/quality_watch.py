"""All that is done about the quality of a store's models: measured as labels come, judged, told."""

from __future__ import annotations

from datetime import datetime

from watchkeeper.pipeline.business import BusinessRounds
from watchkeeper.pipeline.concept import ConceptWatch
from watchkeeper.pipeline.estimating import EstimateIncidents, EstimateRounds
from watchkeeper.pipeline.label_rounds import LabelRounds
from watchkeeper.pipeline.outliers import OutlierRounds
from watchkeeper.pipeline.quality import QualityRollup
from watchkeeper.store import ServiceIncident, Store


class QualityWatch:
    """Takes up the labels that arrive, and tells what they say about the models.

    How far that got lies in the store, so that one that was killed goes on there.
    """

    def __init__(self, store: Store) -> None:
        self._rollup = QualityRollup(store)
        self._estimates = EstimateRounds(store)
        self._judged = EstimateIncidents(store)
        self._concept = ConceptWatch(store)
        self._labels = LabelRounds(store)
        self._outliers = OutlierRounds(store)
        self._business = BusinessRounds(store)

    def advance(
        self, *, now: datetime, at_once: bool = False, all_estimates: bool = True
    ) -> list[ServiceIncident]:
        """Take up what has arrived, and return the incidents that changed.

        Parameters
        ----------
        now
            Time of the incidents in the audit log.
        at_once
            Whether everything is taken up and judged now, however much it is. Otherwise a call
            takes some seconds for each model at the most.
        all_estimates
            Whether that is so for estimates too, which take seconds for each day. Otherwise they
            have their turn of some seconds, the newest day first.

        Raises
        ------
        StoreError
            If rows cannot be read.
        """
        self._rollup.advance(at_once=at_once)
        self._estimates.advance(now=now, at_once=at_once and all_estimates)
        return [
            *self._judged.advance(now=now),
            *self._concept.advance(now=now, at_once=at_once),
            *self._labels.advance(now=now, at_once=at_once),
            *self._outliers.advance(now=now, at_once=at_once),
            *self._business.advance(now=now, at_once=at_once),
        ]
