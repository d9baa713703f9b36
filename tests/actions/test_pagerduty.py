"""Events API v2: one alert for each incident, ended when the incident ends."""

import json
from typing import Any

import pytest

from actions.notices import notice
from actions.receiver import Receiver
from watchkeeper.actions import Notice, PagerDutySettings, Secrets, channel_of
from watchkeeper.errors import DeliveryError


def sent(receiver: Receiver, path: str, *notices: Notice) -> list[dict[str, Any]]:
    settings = PagerDutySettings(routing_key="${KEY}", url=receiver.url(path))
    for one in notices:
        channel_of(settings, Secrets({"KEY": "R" * 32})).send(one)
    return [json.loads(request["body"]) for request in receiver.taken(path)]


def test_an_incident_is_one_alert_from_its_beginning_to_its_end(receiver: Receiver) -> None:
    events = sent(
        receiver,
        "alert",
        notice(),
        notice(event="worse"),
        notice(event="acknowledged"),
        notice(event="resolved"),
    )
    actions = [event["event_action"] for event in events]
    assert actions == ["trigger", "trigger", "acknowledge", "resolve"]
    assert {event["dedup_key"] for event in events} == {"fraud.1.drift-000041-0001"}
    assert {event["routing_key"] for event in events} == {"R" * 32}
    assert events[3].keys() == {"routing_key", "event_action", "dedup_key"}


def test_an_alert_says_what_pagerduty_asks_for(receiver: Receiver) -> None:
    [event] = sent(receiver, "payload", notice())
    payload = event["payload"]
    assert payload["summary"] == "fraud: amount rose by 12 (0.9 sd)"
    assert (payload["source"], payload["severity"]) == ("default/fraud", "critical")
    assert (payload["component"], payload["class"]) == ("fraud", "drift")
    assert payload["custom_details"]["incidents"][0]["kind"] == "sudden"
    assert event["links"][0]["href"] == event["client_url"]
    assert event["images"][0]["src"].startswith("https://watch.example.com/v1/incidents/")


def test_long_names_are_cut_and_stay_apart(receiver: Receiver) -> None:
    a, b = (notice(dedup_key="m" * 300 + end, title="t" * 2000) for end in "ab")
    first, second = sent(receiver, "long", a, b)
    assert len(first["payload"]["summary"]) == 1024
    assert first["dedup_key"] != second["dedup_key"]
    assert len(first["dedup_key"]) <= 255


def test_a_test_leaves_no_alert_open(receiver: Receiver) -> None:
    first, second = sent(receiver, "try", notice(event="test", incidents=()))
    assert (first["payload"]["severity"], second["event_action"]) == ("info", "resolve")


def test_a_wrong_key_is_final(receiver: Receiver) -> None:
    with pytest.raises(DeliveryError, match="HTTP 400"):
        sent(receiver, "400", notice())
