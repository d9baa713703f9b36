"""From incidents in a store to messages at a real receiver, by a clock that the test turns."""

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from actions.receiver import Receiver
from pipeline.alerting.incidents import HOUR, NOW
from watchkeeper.actions import PagerDutySettings, WebhookSettings
from watchkeeper.events import Prediction
from watchkeeper.pipeline.alerting import (
    SCOPE,
    AlertSettings,
    Outbox,
    Outcome,
    QuietHours,
    Route,
    Sender,
    settings_to_bytes,
)
from watchkeeper.pipeline.service_rollup import ServiceRollup
from watchkeeper.store import IncidentKey, ServiceIncident, ServiceSource, Store

MINUTE = timedelta(minutes=1)


class Alerts:
    """A store whose alerts are set, filled and sent by hand."""

    def __init__(self, store: Store, receiver: Receiver) -> None:
        self.store, self.receiver = store, receiver
        self.outbox = Outbox(store)
        self.senders: dict[str, Sender] = {}
        self.now = NOW

    def set(self, **more: Any) -> None:
        known: dict[str, Any] = {
            "channels": {"team": WebhookSettings(url=self.receiver.url("file"), digest=True)}
        }
        payload = settings_to_bytes(AlertSettings(**known | more))
        self.store.settings.put(SCOPE, payload, actor="ann", now=self.now)

    def open(self, name: str, *, model: str = "fraud", severity: Any = "warning") -> None:
        self.record(name, model=model, severity=severity, closed_at=None)

    def close(self, name: str, *, model: str = "fraud") -> None:
        self.record(name, model=model, closed_at=self.now)

    def record(
        self,
        name: str,
        *,
        model: str = "fraud",
        severity: Any = "warning",
        source: ServiceSource = "objective",
        **more: Any,
    ) -> None:
        incident = ServiceIncident(
            incident_id=name,
            model=model,
            source=source,
            objective=name,
            severity=severity,
            since=NOW,
            opened_at=NOW,
            last_seen_at=self.now,
            message=f"{name} is missed, since then",
            **more,
        )
        self.store.service_incidents.record(incident, now=self.now)

    def send(self, channel: str = "team") -> Outcome:
        self.outbox.fill(now=self.now)
        assert self.outbox.settings is not None
        sender = self.senders.setdefault(
            channel,
            Sender(
                store=self.store,
                project="default",
                channel=channel,
                environ={"KEY": "secret-of-ours"},
                chance=random.Random(3),  # noqa: S311
            ),
        )
        return sender.send_next(self.outbox.settings, now=self.now)

    def pass_(self, span: timedelta) -> None:
        self.now += span

    def taken(self, path: str = "file") -> list[dict[str, Any]]:
        found = [json.loads(request["body"]) for request in self.receiver.taken(path)]
        return [one.get("data", one) for one in found]

    def status(self) -> list[str]:
        return [notice.status for notice in self.store.notices.newest()][::-1]


@pytest.fixture
def alerts(tmp_path: Path, receiver: Receiver) -> Iterator[Alerts]:
    with Store.open(tmp_path / "store") as store:
        yield Alerts(store, receiver)


@pytest.mark.parametrize("source", get_args(ServiceSource))
def test_an_incident_of_each_kind_goes_out(alerts: Alerts, source: ServiceSource) -> None:
    alerts.set()
    alerts.store.append(
        [Prediction(model="fraud", prediction_id="1", time=NOW, output=1.0, latency_seconds=0.1)]
    )
    ServiceRollup(alerts.store).advance(now=NOW)
    alerts.record("outliers", source=source, closed_at=None)
    assert alerts.send() == "sent"
    [told] = alerts.taken()
    assert told["incidents"][0]["source"] == source


def test_fifty_models_that_fail_at_once_are_two_messages(alerts: Alerts) -> None:
    alerts.set()
    alerts.open("latency", model="m0")
    assert alerts.send() == "sent"
    for i in range(1, 50):
        alerts.open(f"latency-{i}", model=f"m{i}")
    assert alerts.send() == "nothing"
    alerts.pass_(MINUTE)
    assert (alerts.send(), alerts.send()) == ("sent", "nothing")
    first, second = alerts.taken()
    assert first["event"] == "opened"
    assert (second["event"], len(second["incidents"])) == ("digest", 49)
    assert second["title"].startswith("49 incidents opened: m1, m10, m11")


def test_held_notices_come_as_one_message_when_the_night_ends(alerts: Alerts) -> None:
    quiet = QuietHours(start="11:00", until="14:00")
    alerts.set(routes=[Route(channels=["team"], quiet=[quiet])])
    alerts.open("latency")
    alerts.open("errors")
    assert alerts.send() == "nothing"
    alerts.pass_(HOUR)
    alerts.close("errors")
    alerts.open("throughput", severity="critical")
    assert alerts.send() == "sent"
    alerts.pass_(HOUR)
    assert alerts.send() == "sent"
    passed, digest = alerts.taken()
    assert passed["title"] == "fraud: throughput is missed"
    assert digest["title"] == "1 incident opened, 1 is over: fraud"
    assert set(alerts.status()) == {"sent"}


def test_a_message_is_tried_for_a_day_and_then_given_up(alerts: Alerts) -> None:
    alerts.receiver.behave("500")
    alerts.set()
    alerts.open("latency")
    outcomes: list[Outcome] = []
    while (outcome := alerts.send()) != "dead":
        outcomes.append(outcome)
        alerts.pass_(5 * MINUTE)
        assert alerts.now < NOW + 30 * HOUR
    assert 20 <= outcomes.count("failed") <= 60
    assert NOW + 24 * HOUR <= alerts.now < NOW + 25 * HOUR
    [dead] = alerts.store.notices.newest(status="dead")
    assert dead.last_error == "given up after 24 hours: HTTP 500: no: 500"
    ids = {request["headers"]["webhook-id"] for request in alerts.receiver.taken("file")}
    assert ids == {"default/fraud.0.latency/opened"}


def test_what_a_receiver_asks_for_is_honoured(alerts: Alerts) -> None:
    alerts.receiver.behave("wait")
    alerts.set()
    alerts.open("latency")
    assert alerts.send() == "failed"
    alerts.pass_(timedelta(seconds=6.9))
    assert alerts.send() == "nothing"
    alerts.pass_(timedelta(seconds=0.2))
    assert alerts.send() == "failed"


def test_a_receiver_that_was_down_for_hours_gets_few_messages_when_it_is_back(
    alerts: Alerts,
) -> None:
    alerts.receiver.behave("500")
    alerts.set()
    for hour in range(6):
        alerts.open(f"o{hour}")
        for _ in range(12):
            alerts.send()
            alerts.pass_(5 * MINUTE)
    alerts.receiver.behave("ok")
    before = len(alerts.taken())
    for _ in range(30):
        alerts.send()
        alerts.pass_(MINUTE)
    assert set(alerts.status()) == {"sent"}
    back = alerts.taken()[before:]
    told = [incident["id"] for message in back for incident in message["incidents"]]
    assert len(told) == len(set(told)) == 6
    assert len(back) <= 6


def test_a_pager_gets_each_incident_by_itself_until_it_is_over(alerts: Alerts) -> None:
    pager = PagerDutySettings(routing_key="${KEY}", url=alerts.receiver.url("pager"))
    alerts.set(channels={"pager": pager})
    alerts.open("latency")
    alerts.open("errors")
    assert [alerts.send("pager") for _ in range(3)] == ["sent", "sent", "nothing"]
    key = IncidentKey(model="fraud", version=0, incident_id="latency")
    alerts.store.decisions.record(key, "acknowledge", reason="", actor="ann", now=alerts.now)
    alerts.pass_(MINUTE)
    assert alerts.send("pager") == "sent"
    alerts.close("latency")
    alerts.pass_(MINUTE)
    assert alerts.send("pager") == "sent"
    said = [(one["event_action"], one["dedup_key"]) for one in alerts.taken("pager")]
    assert said == [
        ("trigger", "default/fraud.0.latency"),
        ("trigger", "default/fraud.0.errors"),
        ("acknowledge", "default/fraud.0.latency"),
        ("resolve", "default/fraud.0.latency"),
    ]


def test_what_is_muted_while_it_waits_is_not_sent(alerts: Alerts) -> None:
    alerts.receiver.behave("500")
    alerts.set()
    alerts.open("latency")
    assert alerts.send() == "failed"
    key = IncidentKey(model="fraud", version=0, incident_id="latency")
    alerts.store.decisions.record(key, "mute", reason="known", actor="ann", now=alerts.now)
    alerts.pass_(HOUR)
    alerts.receiver.behave("ok")
    alerts.close("latency")
    assert alerts.send() == "nothing"
    alerts.pass_(HOUR)
    assert alerts.send() == "nothing"
    assert alerts.status()[0] == "dropped"
    assert "sent" not in alerts.status()


def test_an_end_whose_beginning_was_refused_goes_with_it_when_it_is_sent_by_hand(
    alerts: Alerts,
) -> None:
    alerts.receiver.behave("410")
    alerts.set()
    alerts.open("latency")
    assert alerts.send() == "dead"
    alerts.close("latency")
    alerts.pass_(HOUR)
    assert alerts.send() == "nothing"
    alerts.receiver.behave("ok")
    [dead] = alerts.store.notices.newest(status="dead")
    alerts.store.notices.retry(dead.number, actor="ann", now=alerts.now)
    assert alerts.send() == "sent"
    alerts.pass_(HOUR)
    assert alerts.send() == "sent"
    assert [one["event"] for one in alerts.taken()][1:] == ["opened", "resolved"]


def test_a_channel_that_is_taken_out_of_the_settings_leaves_nothing_waiting(alerts: Alerts) -> None:
    alerts.receiver.behave("500")
    alerts.set()
    alerts.open("latency")
    assert alerts.send() == "failed"
    alerts.pass_(HOUR)
    alerts.set(channels={"other": WebhookSettings(url=alerts.receiver.url("other"))})
    alerts.outbox.fill(now=alerts.now)
    [gone] = alerts.store.notices.newest()
    assert (gone.status, gone.last_error) == ("dead", "the channel is no longer in the settings")


def test_no_error_that_is_kept_says_a_secret(alerts: Alerts) -> None:
    url = alerts.receiver.url("${KEY}/echo")
    alerts.set(channels={"team": WebhookSettings(url=url)})
    alerts.open("latency")
    assert alerts.send() == "failed"
    [kept] = alerts.store.notices.newest()
    assert kept.last_error == "HTTP 500: /***/echo"
    assert b"secret-of-ours" not in (alerts.store.folder / "state.sqlite").read_bytes()


def test_a_secret_that_is_not_set_is_asked_for_and_the_message_waits(alerts: Alerts) -> None:
    alerts.set(channels={"team": WebhookSettings(url="${URL}", digest=True)})
    alerts.open("latency")
    assert alerts.send() == "failed"
    [kept] = alerts.store.notices.newest()
    assert "environment variable URL is not set" in (kept.last_error or "")
    assert kept.status == "waiting"


def test_a_new_outbox_over_the_same_store_tells_nothing_twice(alerts: Alerts) -> None:
    alerts.set()
    alerts.open("latency")
    assert alerts.send() == "sent"
    for _ in range(3):
        alerts.outbox = Outbox(alerts.store)
        alerts.pass_(MINUTE)
        assert alerts.send() == "nothing"
    assert len(alerts.taken()) == 1


def test_a_model_with_many_old_incidents_tells_nobody_at_the_first_start(alerts: Alerts) -> None:
    for i in range(20):
        alerts.open(f"o{i}")
        alerts.pass_(MINUTE)
    since: datetime = alerts.now
    alerts.set()
    assert alerts.send() == "nothing"
    alerts.pass_(MINUTE)
    alerts.open("new")
    assert alerts.send() == "sent"
    [told] = alerts.taken()
    assert told["incidents"][0]["id"] == "fraud.0.new"
    assert since < alerts.now
