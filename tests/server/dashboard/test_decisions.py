"""Decisions about an incident, by clicks."""

from collections.abc import Callable
from pathlib import Path

import pytest

from server.conftest import Serving
from server.dashboard.conftest import Open
from server.dashboard.watched_model import HOSTILE, fill, incident_of


@pytest.fixture
def deciding(serve: Callable[..., Serving], tmp_path: Path) -> Serving:
    fill(tmp_path / "store")
    return serve(tmp_path / "store")


def test_an_incident_is_acknowledged_muted_and_adopted_with_reasons(
    deciding: Serving, open_page: Open
) -> None:
    number = incident_of(deciding)
    page = open_page(deciding)
    page.go(f"/incidents/{number}")
    for kind, done in (
        ("acknowledge", "Acknowledged"),
        ("mute", "Muted"),
        ("adopt", "Adopted as normal"),
    ):
        page.click(f"[data-decision={kind}]")
        page.wait("document.activeElement.id === 'reason'")
        page.type(f"{kind}: {HOSTILE}")
        page.click("dialog button[type=submit]")
        page.wait(
            f"document.querySelector('#decisions')?.innerText.includes({done!r})"
            f" && !document.querySelector('.is-pending')"
        )
    assert page.run("window.hurt") is None
    told = deciding.http.get(f"/v1/incidents/{number}").json()
    assert [one["kind"] for one in told["decisions"]] == ["acknowledge", "mute", "adopt"]
    assert told["decisions"][0]["reason"] == f"acknowledge: {HOSTILE}"


def test_a_reason_is_needed_and_escape_decides_nothing(deciding: Serving, open_page: Open) -> None:
    number = incident_of(deciding)
    page = open_page(deciding)
    page.go(f"/incidents/{number}")
    page.click("[data-decision=mute]")
    page.wait("document.querySelector('dialog[open]')")
    page.click("dialog button[type=submit]")
    assert page.run("document.querySelector('dialog').open")
    page.press("Escape")
    page.wait("!document.querySelector('dialog')")
    assert deciding.http.get(f"/v1/incidents/{number}").json()["decisions"] == []


def test_a_decision_that_is_refused_is_not_shown_as_made(
    deciding: Serving, open_page: Open
) -> None:
    number = incident_of(deciding)
    page = open_page(deciding)
    page.go(f"/incidents/{number}")
    page.click("[data-decision=acknowledge]")
    page.wait("document.activeElement.id === 'reason'")
    page.type("seen")
    deciding.process.kill()
    deciding.process.wait()
    page.click("dialog button[type=submit]")
    page.wait("document.querySelector('.decide .problem')?.innerText.startsWith('Not saved')")
    assert page.run("document.querySelector('[data-decision=acknowledge]') !== null")
    assert "Acknowledged" not in page.run("document.querySelector('#decisions')?.innerText ?? ''")
    page.errors.clear()


def test_a_forged_request_changes_nothing(deciding: Serving) -> None:
    number = incident_of(deciding)
    body = {"kind": "acknowledge", "reason": "forged"}
    answer = deciding.http.post(f"/v1/incidents/{number}/decisions", json=body)
    assert answer.status_code == 403
    assert deciding.http.get(f"/v1/incidents/{number}").json()["decisions"] == []
