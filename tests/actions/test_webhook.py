"""CloudEvents over HTTP, signed so that a receiver can tell who sent them."""

import base64
import hashlib
import hmac
import json
import re
from pathlib import Path
from typing import Any

import pytest

from actions.notices import PNG, facts, notice
from actions.receiver import Receiver
from watchkeeper.actions import Channel, Secrets, WebhookSettings, channel_of
from watchkeeper.errors import SetupError

SECRET = "whsec_" + base64.b64encode(b"a secret of 24 bytes....").decode()


def webhook(url: str, secret: str | None = "${HOOK}", *, picture: bool = True) -> Channel:
    settings = WebhookSettings(url=url, secret=secret, picture=picture)
    return channel_of(settings, Secrets({"HOOK": SECRET}))


def test_a_message_is_a_cloud_event_that_says_all(receiver: Receiver) -> None:
    webhook(receiver.url("cloud")).send(notice())
    [request] = receiver.taken("cloud")
    assert request["headers"]["content-type"].startswith("application/cloudevents+json")
    event = json.loads(request["body"])
    assert {name: value for name, value in event.items() if name != "data"} == {
        "specversion": "1.0",
        "id": "fraud.1.drift-000041-0001/opened",
        "source": "urn:watchkeeper:default",
        "type": "dev.watchkeeper.incident.opened",
        "subject": "fraud.1.drift-000041-0001",
        "time": "2026-03-01T12:00:00Z",
        "datacontenttype": "application/json",
    }
    data = event["data"]
    assert data["dedup_key"] == event["subject"]
    assert data["incidents"][0]["what"] == ["amount", "country"]
    assert base64.b64decode(data["picture"]["base64"]) == PNG
    assert data["link"] == "https://watch.example.com/incidents/x"


def test_the_signature_is_that_of_the_standard(receiver: Receiver) -> None:
    webhook(receiver.url("signed")).send(notice())
    [request] = receiver.taken("signed")
    headers = request["headers"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{request['body']}"
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.digest(key, signed.encode(), hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"
    assert headers["webhook-id"] == "fraud.1.drift-000041-0001/opened"


def test_the_code_of_the_documentation_tells_what_is_genuine(receiver: Receiver) -> None:
    webhook(receiver.url("genuine")).send(notice())
    [request] = receiver.taken("genuine")
    page = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text()
    block = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert block is not None
    code: dict[str, Any] = {}
    exec(block[1], code)  # noqa: S102 - what readers copy must work
    body, headers = request["body"].encode(), request["headers"]
    assert code["is_genuine"](SECRET, headers, body)
    assert not code["is_genuine"](SECRET, headers, body + b" ")
    assert not code["is_genuine"]("another", headers, body)
    assert not code["is_genuine"](SECRET, headers | {"webhook-timestamp": "1"}, body)


def test_without_a_secret_and_without_a_picture_there_is_none(receiver: Receiver) -> None:
    webhook(receiver.url("bare"), None, picture=False).send(notice())
    [request] = receiver.taken("bare")
    assert "webhook-signature" not in request["headers"]
    assert "webhook-id" in request["headers"]
    assert json.loads(request["body"])["data"]["picture"] is None


def test_a_digest_is_about_several(receiver: Receiver) -> None:
    several = (facts(), facts(id="b", model="churn"))
    webhook(receiver.url("digest")).send(notice(event="digest", incidents=several))
    [request] = receiver.taken("digest")
    event = json.loads(request["body"])
    assert event["type"] == "dev.watchkeeper.digest"
    assert "subject" not in event
    assert [one["model"] for one in event["data"]["incidents"]] == ["fraud", "churn"]


def test_a_secret_that_is_not_in_the_environment_is_asked_for() -> None:
    with pytest.raises(SetupError, match="environment variable MISSING is not set"):
        webhook("http://127.0.0.1:9/", "${MISSING}")


def test_a_secret_that_is_no_base64_is_told(receiver: Receiver) -> None:
    settings = WebhookSettings(url=receiver.url(), secret="${HOOK}")
    channel = channel_of(settings, Secrets({"HOOK": "whsec_%%%"}))
    with pytest.raises(SetupError, match="no base64"):
        channel.send(notice())
