"""Browsers sign in with a key and change things only from the server's own pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from server.conftest import Serving
from server.test_access import key
from server.test_intake import outcome


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sessions") / "store"


@pytest.fixture(scope="module")
def keyed(serve: Callable[..., Serving], folder: Path) -> Serving:
    return serve(folder, "--require-key")


def key_text(folder: Path, *scopes: str) -> str:
    return key(folder, *scopes)["authorization"].removeprefix("Bearer ")


@contextmanager
def signed_in(keyed: Serving, folder: Path, *scopes: str) -> Iterator[tuple[httpx.Client, str]]:
    """Lend a browser's client with its session, and what its pages send along."""
    with httpx.Client(base_url=keyed.http.base_url) as browser:
        answer = browser.post("/v1/session", json={"key": key_text(folder, *scopes)})
        assert answer.status_code == 200, answer.text
        yield browser, answer.json()["csrf"]


def test_a_session_stands_for_its_key(keyed: Serving, folder: Path) -> None:
    with signed_in(keyed, folder, "read") as (browser, csrf):
        access = browser.get("/v1/access").json()
        assert access["scopes"] == ["read"]
        assert access["csrf"] == csrf
        assert browser.get("/v1/models").status_code == 200
        refused = browser.post(
            "/v1/records", json={"records": [outcome(1)]}, headers={"x-csrf-token": csrf}
        )
        assert refused.status_code == 403
        assert "this needs write" in refused.json()["detail"]


def test_the_cookie_is_for_no_script_and_no_other_site(keyed: Serving, folder: Path) -> None:
    answer = keyed.http.post("/v1/session", json={"key": key_text(folder, "read")})
    keyed.http.cookies.clear()
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie


def test_a_change_needs_what_only_our_own_pages_know(keyed: Serving, folder: Path) -> None:
    with signed_in(keyed, folder, "write") as (browser, csrf):
        body = {"records": [outcome(2)]}
        for headers in (
            {},
            {"x-csrf-token": "guessed"},
            {"x-csrf-token": csrf, "sec-fetch-site": "cross-site"},
        ):
            refused = browser.post("/v1/records", json=body, headers=headers)
            assert refused.status_code == 403
            assert refused.json()["type"].endswith("forgery")
        assert browser.post("/v1/records", json=body, headers={"x-csrf-token": csrf}).is_success


def test_signing_out_ends_the_session_for_every_holder_of_the_cookie(
    keyed: Serving, folder: Path
) -> None:
    with signed_in(keyed, folder, "read") as (browser, csrf):
        kept = dict(browser.cookies)
        assert browser.delete("/v1/session").status_code == 403
        gone = browser.delete("/v1/session", headers={"x-csrf-token": csrf})
        assert gone.status_code == 204
    with httpx.Client(base_url=keyed.http.base_url, cookies=kept) as thief:
        refused = thief.get("/v1/models")
        assert refused.status_code == 401
        assert "sign in again" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"key": "wk_0000000000_" + "0" * 48}, 401),
        ({"key": "ключ"}, 401),
        ({}, 422),
        ({"key": 1}, 422),
    ],
)
def test_who_has_no_key_gets_no_session(keyed: Serving, body: object, status: int) -> None:
    answer = keyed.http.post("/v1/session", json=body)
    assert answer.status_code == status
    assert "set-cookie" not in answer.headers


def test_a_page_elsewhere_cannot_sign_anyone_in(keyed: Serving, folder: Path) -> None:
    answer = keyed.http.post(
        "/v1/session",
        json={"key": key_text(folder, "read")},
        headers={"sec-fetch-site": "cross-site"},
    )
    assert answer.status_code == 403


def test_parameters_that_are_wrong_are_named(serving: Serving) -> None:
    for asked, named in {
        "stat=open": "Did you mean 'state'",
        "state=closed": "state: ",
        "state=open&state=all": "state: given twice",
    }.items():
        answer = serving.http.get(f"/v1/incidents?{asked}")
        assert answer.status_code == 422
        assert named in answer.json()["detail"]


def test_the_pulse_beats_when_something_came_in(serving: Serving) -> None:
    before = serving.http.get("/v1/pulse").json()
    assert serving.http.get("/v1/pulse").json() == before
    serving.post(outcome(77, model="pulse"))
    after = serving.http.get("/v1/pulse").json()
    assert after["records"] > before["records"]
    assert after["revision"] != before["revision"]


def test_settings_show_no_secret_and_keys_only_to_admins(keyed: Serving, folder: Path) -> None:
    reading, admin = key(folder, "read"), key(folder, "admin")
    shown = keyed.http.get("/v1/settings", headers=reading).json()
    assert shown["keys"] is None
    assert shown["server"]["needs_key"] is True
    answer = keyed.http.get("/v1/settings", headers=admin)
    key_id, secret = admin["authorization"].split("_")[1:]
    assert key_id in {one["key_id"] for one in answer.json()["keys"]}
    assert secret not in answer.text
