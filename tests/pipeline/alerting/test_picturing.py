"""The picture of an incident is drawn from what the store keeps of its buckets."""

from pathlib import Path

import pytest

from pipeline.watched_store import MODEL, NOW, told_store
from watchkeeper.pipeline import Watch
from watchkeeper.pipeline.alerting import picture_of
from watchkeeper.store import IncidentKey


@pytest.mark.parametrize("bucket", ["1h", "30rows"])
def test_an_incident_has_a_picture_whatever_its_buckets_are(tmp_path: Path, bucket: str) -> None:
    with told_store(tmp_path / "store", bucket=bucket) as store:
        Watch(store, MODEL).advance(now=NOW)
        kept = store.watch_log.tracked(MODEL)
        assert kept
        key = IncidentKey(model=MODEL, version=1, incident_id=kept[0].incident_id)
        png = picture_of(store, key)
        assert png is not None
        assert png.startswith(b"\x89PNG")
        assert picture_of(store, key) == png
        for nothing in (
            IncidentKey(model=MODEL, version=1, incident_id="drift-999999-0001"),
            IncidentKey(model="other", version=1, incident_id=kept[0].incident_id),
            IncidentKey(model=MODEL, version=0, incident_id="objective-1"),
        ):
            assert picture_of(store, nothing) is None
