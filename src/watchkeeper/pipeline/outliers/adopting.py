"""What tells outliers, learned anew when people took a change for the new normal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
import pyarrow as pa

from watchkeeper.pipeline.baselining import WatchSetup
from watchkeeper.pipeline.opened import open_baseline
from watchkeeper.pipeline.outlier_fitting import MOST_ROWS, OutlierFacts, new_scorer
from watchkeeper.pipeline.outliers.incidents import OUTLIERS
from watchkeeper.store import SERVICE_VERSION, Decision, KeptScorer, Store
from watchkeeper.watch import Incident

_LEAST_OF_REFERENCE = 5_000
_MOMENT = timedelta(microseconds=1)


def with_adopted(store: Store, scorer: KeptScorer) -> KeptScorer:
    """Return what scores a model, learned anew if an incident of the data was adopted since.

    It is learned from the rows since that incident began and as many of the reference, though not
    fewer of these than 5,000 if there are. What it scores is counted from the start.
    """
    facts = OutlierFacts.from_bytes(scorer.facts)
    if not scorer.has_payload:
        return scorer
    adopted = [one for one in _adopted(store, scorer) if one.number > facts.adopted]
    since = [at for one in adopted if (at := _since(store, one)) is not None]
    if not since:
        return scorer
    rows, schema = _rows(store, scorer, min(since)), _setup(store, scorer).schema
    newest = max(one.number for one in adopted)
    store.outliers.replace(scorer, new_scorer(rows, schema, adopted=newest))
    return store.outliers.scorer(scorer.model) or scorer


def _adopted(store: Store, scorer: KeptScorer) -> Iterator[Decision]:
    """Yield the adoptions of a baseline's incidents of drift and of outliers."""
    yield from store.decisions.adoptions(scorer.model, scorer.baseline_version)
    for one in store.decisions.adoptions(scorer.model, SERVICE_VERSION):
        incident = store.service_incidents.get(one.incident_id)
        if incident is None or incident.objective != OUTLIERS:
            continue
        if incident.figures.get("baseline_version") == scorer.baseline_version:
            yield one


def _since(store: Store, adopted: Decision) -> datetime | None:
    """Return when what was adopted began, ``None`` for rows without times."""
    if adopted.baseline_version == SERVICE_VERSION:
        incident = store.service_incidents.get(adopted.incident_id)
        return None if incident is None else incident.since
    kept = store.watch_log.tracked(adopted.model, adopted.baseline_version, adopted.incident_id)
    return msgspec.json.decode(kept[0].payload, type=Incident).since if kept else None


def _rows(store: Store, scorer: KeptScorer, since: datetime) -> pa.Table:
    setup = _setup(store, scorer)
    end = (store.newest_time(scorer.model) or since) + _MOMENT
    half = MOST_ROWS // 2
    draw = store.sampler.predictions
    now = draw(scorer.model, start=max(since, setup.begins), end=end, most=half).table
    most = min(half, max(now.num_rows, _LEAST_OF_REFERENCE))
    first = setup.fitted().start or setup.begins
    before = draw(scorer.model, start=first, end=setup.begins, most=most).table
    return pa.concat_tables([before, now], promote_options="permissive")


def _setup(store: Store, scorer: KeptScorer) -> WatchSetup:
    return open_baseline(store, scorer.model, scorer.baseline_version).setup
