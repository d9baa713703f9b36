"""A model of several labels in a store is watched, explained and held against a shadow."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from pipeline.concept.labelled_year import MODEL, NOW, START, days
from watchkeeper.events import OperatingSettings, Prediction, QualitySettings, Record
from watchkeeper.pipeline import Plan, explain_incident, set_baseline
from watchkeeper.pipeline.concept import ConceptWatch, concept
from watchkeeper.pipeline.estimating import EstimateRounds, estimates
from watchkeeper.pipeline.quality import QualityRollup, performance
from watchkeeper.pipeline.shadowing import shadow
from watchkeeper.store import IncidentKey, Store
from watchkeeper.watch import Bucketing


def several(records: list[Record]) -> list[Record]:
    """Return a third of them with a label for either answer, and one that always applies."""
    found: list[Record] = []
    for one in records:
        if int(one.prediction_id[1:]) % 3:  # type: ignore[union-attr, index]
            continue
        if isinstance(one, Prediction):
            chance = float(one.output)  # type: ignore[arg-type]
            output = {"up": chance, "down": 1 - chance, "all": 0.9}
            found.append(replace(one, output=output, tags={"side": "ab"[chance > 0.5]}))
        else:
            found.append(replace(one, label=["up" if one.label else "down", "all"]))  # type: ignore[union-attr]
    return found


def test_labels_that_go_wrong_open_an_incident_that_says_why(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        quality = QualitySettings(protected=("side",))
        store.operating.put(MODEL, OperatingSettings(quality=quality), actor="test", now=NOW)
        store.append(several(days(0, 12)))
        plan = Plan(bucketing=Bucketing.parse("6h"), time_column="time", segment_by="side")
        until = START + timedelta(days=12)
        set_baseline(
            store, MODEL, plan, until=until, budget="1 per 30d", note="", actor="test", now=NOW
        )
        store.append(several(days(12, 16)) + several(days(16, 20, turned=True)))
        store.append(
            [
                replace(one, model="next", output={"up": 0.9, "all": 0.9})
                for one in several(days(16, 20))
                if isinstance(one, Prediction)
            ]
        )
        QualityRollup(store).advance(at_once=True)
        ConceptWatch(store).advance(now=NOW, at_once=True)
        EstimateRounds(store).advance(now=NOW, at_once=True)
        by = performance(store, MODEL, now=NOW, by="segment")
        assert (by.task, {one.group for one in by.totals}) == ("multilabel", {"a", "b"})
        found = concept(store, MODEL)
        assert (found.state, found.loss) == ("risen", "label_error")
        [incident] = store.service_incidents.all(MODEL)
        assert incident.message.startswith("The share of wrong labels rose from")
        key = IncidentKey(model=MODEL, version=0, incident_id=incident.incident_id)
        loss = explain_incident(store, key, now=NOW, threads=1).findings[0]
        assert (loss.about, loss.split is not None) == ("wrong labels", True)
        said = estimates(store, MODEL, now=NOW).said
        assert "Nothing is estimated before labels come for a multilabel task." in said
        held = shadow(store, MODEL, "next", start=until, end=NOW)
        assert held.labelled == 320
