"""Channels and deliveries: what could not be delivered is seen, and sent again by a click."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from actions.receiver import Receiver, receiving
from server.conftest import COMMAND, Serving
from server.dashboard.conftest import Open
from server.dashboard.test_live import send
from server.dashboard.watched_model import HOURS, SHIFTED_FROM, fill, incident_of, rows


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(tmp_path / "receiver") as found:
        found.behave("410")
        yield found


@pytest.fixture
def telling(serve: Callable[..., Serving], tmp_path: Path, receiver: Receiver) -> Serving:
    """A server that tells of an incident to a receiver that refuses for good."""
    fill(tmp_path / "store", last_hour=SHIFTED_FROM)
    file = tmp_path / "alerts.yaml"
    url = receiver.url("file")
    file.write_text(f'channels: {{hook: {{kind: webhook, url: "{url}", picture: false}}}}\n')
    subprocess.run([COMMAND, "alerts", "set", tmp_path / "store", file], check=True)
    serving = serve(tmp_path / "store")
    send(serving, rows(SHIFTED_FROM, HOURS, shift=1.5))
    incident_of(serving)
    return serving


def test_a_dead_letter_is_seen_as_it_happens_and_sent_again_by_a_click(
    telling: Serving, open_page: Open, receiver: Receiver
) -> None:
    page = open_page(telling)
    page.go("/alerts")
    page.wait("document.querySelector('.notice-dead')", seconds=40)
    assert "HTTP 410" in page.text()
    receiver.behave("ok")
    page.click("#deliveries td button")
    page.wait("document.querySelector('.notice-sent')", seconds=40)
    page.wait("document.querySelector('#channels').innerText.includes('1 sent')")
    body = json.loads(receiver.taken("file")[-1]["body"])
    page.click("#deliveries tbody a")
    page.wait("document.querySelector('#notices .notice-sent')")
    assert page.run("location.pathname.split('/').at(-1)") == body["data"]["incidents"][0]["id"]


def test_a_channel_is_tried_and_what_its_receiver_said_is_shown(
    telling: Serving, open_page: Open, receiver: Receiver
) -> None:
    page = open_page(telling)
    page.go("/alerts")
    page.click("#channels td button")
    page.wait("document.querySelector('#channels .wrong')?.innerText.includes('410')")
    receiver.behave("ok")
    page.click("#channels td button")
    page.wait("document.querySelector('#channels [role=status]')?.innerText === 'Taken'")
