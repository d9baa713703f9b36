"""A server tells of incidents: once each, whatever receivers do, however often it is killed."""

import base64
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from actions.receiver import Receiver, receiving
from pipeline.watched_store import MODEL, NOW, REFERENCE_HOURS, START, baseline, fill, rows
from server.conftest import Serving, starting
from server.test_metrics import read
from server.test_watching import incidents, send, until
from watchkeeper.cli import app
from watchkeeper.events import OperatingSettings, QualitySettings
from watchkeeper.store import Store

END = REFERENCE_HOURS


@pytest.fixture
def serve() -> Iterator[Callable[..., Serving]]:
    """Start server processes, which end with the test: those of others do not slow it down."""
    with starting() as start:
        yield start


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(tmp_path / "receiver") as found:
        found.behave("ok")
        yield found


def told(receiver: Receiver, path: str = "file") -> list[tuple[str, str]]:
    """Return the kinds of the events that were taken, each with its id."""
    found = []
    for request in receiver.taken(path):
        event = json.loads(request["body"])
        found.append((event["type"].removeprefix("dev.watchkeeper."), event["id"]))
    return found


def soon(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    until(holds, seconds)


def set_alerts(store: Path, settings: str) -> None:
    file = store.parent / "alerts.yaml"
    file.write_text(settings)
    done = CliRunner().invoke(app, ["alerts", "set", str(store), str(file)])
    assert done.exit_code == 0, done.output


def channel(url: str) -> str:
    return f'channels: {{hook: {{kind: webhook, url: "{url}", picture: false}}}}\n'


def watched(folder: Path) -> Path:
    with Store.open(folder) as store:
        fill(store, rows(0, END))
        baseline(store)
    return folder


def test_an_incident_is_told_when_it_opens_and_when_it_is_over(
    serve: Callable[..., Serving], tmp_path: Path, receiver: Receiver
) -> None:
    store = watched(tmp_path / "store")
    serving = serve(store)
    set_alerts(store, channel(receiver.url("file")) + "public_url: https://watch.example.com")
    send(serving, rows(END, END + 40))
    send(serving, rows(END + 40, END + 50, shift=1.5))
    soon(lambda: len(told(receiver)) == 1)
    send(serving, rows(END + 50, END + 90))
    soon(lambda: len(told(receiver)) == 2)
    assert [kind for kind, _ in told(receiver)] == ["incident.opened", "incident.resolved"]
    opened, ended = (json.loads(request["body"])["data"] for request in receiver.taken("file"))
    assert opened["dedup_key"] == ended["dedup_key"]
    assert opened["title"].startswith(f"{MODEL}: x rose by ")
    assert opened["link"] == f"https://watch.example.com/incidents/{opened['incidents'][0]['id']}"
    assert "after" in ended["title"]
    soon(lambda: read(serving)["watchkeeper_alert_messages_total", "hook", "sent"] == 2)
    found = read(serving)
    assert found["watchkeeper_alert_notices", "hook", "sent"] == 2
    [shown] = serving.http.get("/v1/alerts").json()["channels"]
    assert (shown["name"], shown["kind"], shown["state"], shown["sent"]) == (
        "hook",
        "webhook",
        "ok",
        2,
    )


def test_what_was_noticed_before_alerts_were_set_is_not_told(
    serve: Callable[..., Serving], tmp_path: Path, receiver: Receiver
) -> None:
    store = watched(tmp_path / "store")
    serving = serve(store)
    send(serving, rows(END, END + 40))
    send(serving, rows(END + 40, END + 50, shift=1.5))
    soon(lambda: len(incidents(serving, "?state=open")) == 1)
    set_alerts(store, channel(receiver.url("file")))
    send(serving, rows(END + 50, END + 90))
    soon(lambda: incidents(serving, "?state=open") == [])
    send(serving, rows(END + 90, END + 100, shift=2.5))
    soon(lambda: len(told(receiver)) == 1)
    assert told(receiver)[0][0] == "incident.opened"


def test_a_receiver_that_fails_gets_it_when_it_is_well_again(
    serve: Callable[..., Serving], tmp_path: Path, receiver: Receiver
) -> None:
    store = watched(tmp_path / "store")
    receiver.behave("500")
    set_alerts(store, channel(receiver.url("file")))
    serving = serve(store)
    send(serving, rows(END, END + 40))
    send(serving, rows(END + 40, END + 50, shift=1.5))
    soon(lambda: len(told(receiver)) >= 1)
    soon(lambda: serving.http.get("/v1/alerts?status=waiting").json()["notices"] != [])
    receiver.behave("ok")
    soon(lambda: serving.http.get("/v1/alerts?status=sent").json()["notices"] != [])
    [notice] = serving.http.get("/v1/alerts").json()["notices"]
    assert (notice["status"], notice["last_error"]) == ("sent", None)
    assert notice["attempts"] == len(told(receiver))
    assert len({name for _, name in told(receiver)}) == 1


def test_a_receiver_that_refuses_for_good_leaves_a_dead_letter_that_is_sent_by_hand(
    serve: Callable[..., Serving], tmp_path: Path, receiver: Receiver
) -> None:
    store = watched(tmp_path / "store")
    receiver.behave("410")
    set_alerts(store, channel(receiver.url("file")))
    serving = serve(store)
    send(serving, rows(END, END + 40))
    send(serving, rows(END + 40, END + 50, shift=1.5))

    def dead() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = serving.http.get("/v1/alerts?status=dead").json()["notices"]
        return found

    soon(lambda: len(dead()) == 1)
    assert dead()[0]["last_error"] == "HTTP 410: no: 410"
    soon(lambda: read(serving)["watchkeeper_alert_messages_total", "hook", "dead"] == 1)
    receiver.behave("ok")
    csrf = {"x-csrf-token": serving.http.get("/v1/access").json()["csrf"]}
    number = dead()[0]["number"]
    again = serving.http.post(f"/v1/alerts/{number}/retry", headers=csrf)
    assert again.status_code == 200, again.text
    soon(lambda: dead() == [])
    soon(lambda: len(told(receiver)) == 2)
    assert serving.http.post(f"/v1/alerts/{number}/retry", headers=csrf).status_code == 422
    assert serving.http.post("/v1/alerts/nine/retry", headers=csrf).status_code == 404


def test_receivers_that_are_slow_dead_or_mad_delay_nobody_else(
    serve: Callable[..., Serving], tmp_path: Path, receiver: Receiver
) -> None:
    store = watched(tmp_path / "store")
    bad = ("hang", "500", "wait", "garbage", "reset", "deaf", "401", "410", "away")
    lines = [f'  c-{one}: {{kind: webhook, url: "{receiver.url(one)}"}}\n' for one in bad]
    lines.append(f'  good: {{kind: webhook, url: "{receiver.url("file")}"}}\n')
    lines.append('  lost: {kind: webhook, url: "http://nobody.invalid/"}\n')
    set_alerts(store, "channels:\n" + "".join(lines))
    serving = serve(store)
    send(serving, rows(END, END + 40))
    send(serving, rows(END + 40, END + 50, shift=1.5))
    soon(lambda: len(told(receiver)) == 1)
    begun = time.monotonic()
    send(serving, rows(END + 50, END + 90))
    assert time.monotonic() - begun < 5
    soon(lambda: len(told(receiver)) == 2)

    def kept(status: str) -> set[tuple[str, str]]:
        found = serving.http.get(f"/v1/alerts?status={status}").json()["notices"]
        return {(one["channel"], one["event"]) for one in found}

    gone = {("c-410", "opened"), ("c-away", "opened")}
    soon(lambda: gone <= kept("dead"))
    # The receiver has it a moment before the server knows.
    soon(lambda: ("good", "resolved") in kept("sent"))
    assert kept("sent") == {("good", "opened"), ("good", "resolved")}
    waiting = kept("waiting")
    assert {channel for channel, _ in waiting} >= {"c-hang", "c-500", "c-wait", "lost", "c-401"}
    begun = time.monotonic()
    assert serving.end(signal.SIGTERM) == 0
    assert time.monotonic() - begun < 20


def test_the_picture_opens_to_a_key_and_to_the_link_of_a_message(
    serve: Callable[..., Serving], tmp_path: Path, receiver: Receiver
) -> None:
    store = watched(tmp_path / "store")
    with Store.open(store) as opened:
        _, key = opened.access_keys.create(
            project="default", name="t", scopes=["read", "write"], actor="ann", now=NOW
        )
    serving = serve(store, "--require-key")
    own = {"authorization": f"Bearer {key}"}
    public = f"public_url: http://127.0.0.1:{serving.port}"
    set_alerts(store, channel(receiver.url("file")).replace("false", "true") + public)
    send(serving, rows(END, END + 40), **own)
    send(serving, rows(END + 40, END + 50, shift=1.5), **own)
    soon(lambda: len(told(receiver)) == 1)
    data = json.loads(receiver.taken("file")[0]["body"])["data"]
    link = data["picture"]["url"]
    shown = serving.http.get(link)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    assert shown.content.startswith(b"\x89PNG")
    assert base64.b64decode(data["picture"]["base64"]).startswith(b"\x89PNG")
    plain = link.partition("?")[0]
    assert serving.http.get(plain, headers=own).content == shown.content
    assert serving.http.get(plain).status_code == 401
    for wrong in (link[:-1], link.replace("project=default", "project=x"), plain + "?token=a"):
        assert serving.http.get(wrong).status_code == 403
    other = plain.replace(data["incidents"][0]["id"], f"{MODEL}.1.drift-999999-0001")
    assert serving.http.get(other, headers=own).status_code == 404
    assert serving.http.get(other + "?" + link.partition("?")[2]).status_code == 403


def test_a_test_says_whether_the_channel_works(
    serve: Callable[..., Serving], tmp_path: Path, receiver: Receiver
) -> None:
    serving = serve(tmp_path / "store")
    set_alerts(tmp_path / "store", channel(receiver.url("file")))
    csrf = {"x-csrf-token": serving.http.get("/v1/access").json()["csrf"]}
    good = serving.http.post("/v1/alerts/test", json={"channel": "hook"}, headers=csrf).json()
    assert good["taken"] is True
    receiver.behave("500")
    bad = serving.http.post("/v1/alerts/test", json={"channel": "hook"}, headers=csrf).json()
    assert (bad["taken"], bad["said"]) == (False, "HTTP 500: no: 500")
    none = serving.http.post("/v1/alerts/test", json={"channel": "hok"}, headers=csrf)
    assert (none.status_code, "Did you mean 'hook'" in none.text) == (404, True)


@pytest.mark.slow
def test_kills_lose_no_notice_and_double_none_beyond_its_key(
    serve: Callable[..., Serving], tmp_path: Path, receiver: Receiver
) -> None:
    store = watched(tmp_path / "store")
    set_alerts(store, channel(receiver.url("file")))
    with Store.open(store) as opened_store:  # outliers are judged on the minute, at no set moment
        off = OperatingSettings(quality=QualitySettings(outliers=False))
        opened_store.operating.put(MODEL, off, actor="ann", now=NOW)
    hour = END
    serving = serve(store)
    for turn in range(12):
        shift = 2.0 if turn % 2 else 0.0
        send(serving, rows(hour, hour + 20, shift=shift, name=f"t{turn}"))
        hour += 20
        time.sleep(0.2 * turn)  # at another moment each time
        os.kill(serving.process.pid, signal.SIGKILL)
        serving.process.wait()
        serving = serve(store)
    send(serving, rows(hour, hour + 40, name="end"))
    # Between two incidents none is open either: the last bucket that can close has to be judged.
    last = (START + timedelta(hours=hour + 38)).strftime("%Y-%m-%dT%H:%M:%SZ")
    soon(lambda: serving.http.get(f"/v1/models/{MODEL}").json()["newest_bucket"] == last)
    assert incidents(serving, "?state=open") == []
    opened = len(incidents(serving))
    assert opened >= 3
    soon(lambda: len(set(told(receiver))) == 2 * opened)
    soon(lambda: serving.http.get("/v1/alerts?status=waiting").json()["notices"] == [])
    time.sleep(3)
    kinds = Counter(kind for kind, _ in set(told(receiver)) if "worse" not in kind)
    assert kinds == {"incident.opened": opened, "incident.resolved": opened}
    first: dict[str, str] = {}
    for _, name in told(receiver):
        first.setdefault(name.rpartition("/")[0], name)
    assert all(name.endswith("/opened") for name in first.values())
