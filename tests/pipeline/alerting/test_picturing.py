"""The picture of an incident is drawn from what the store keeps of its buckets."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from actions.receiver import Receiver
from pipeline.watched_store import MODEL, NOW, told_store
from watchkeeper.actions import WebhookSettings
from watchkeeper.pipeline import Watch
from watchkeeper.pipeline.alerting import (
    SCOPE,
    AlertSettings,
    Outbox,
    Sender,
    picture_of,
    settings_to_bytes,
)
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


def test_words_go_out_although_the_picture_cannot_be_drawn(
    tmp_path: Path, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    settings = AlertSettings(channels={"team": WebhookSettings(url=receiver.url("file"))})
    with told_store(tmp_path / "store") as store:
        store.settings.put(SCOPE, settings_to_bytes(settings), actor="ann", now=NOW)
        Watch(store, MODEL).advance(now=NOW + timedelta(minutes=1))
        Outbox(store).fill(now=NOW + timedelta(minutes=1))
        with sqlite3.connect(tmp_path / "store" / "state.sqlite") as database:
            database.execute("UPDATE baselines SET payload = x'00'")
        sender = Sender(store=store, project="default", channel="team", environ={})
        assert sender.send_next(settings, now=NOW + timedelta(minutes=2)) == "sent"
    assert "its picture cannot be drawn" in caplog.text
    assert '"picture":null' in receiver.taken("file")[0]["body"]
