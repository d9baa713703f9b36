"""Who has a key signs in, and stays signed in until they sign out."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.conftest import Serving
from server.dashboard.conftest import Open
from watchkeeper.store import Store


@pytest.fixture(scope="module")
def guarded(
    serve: Callable[..., Serving], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Serving, str]:
    folder = tmp_path_factory.mktemp("guarded") / "store"
    with Store.open(folder) as store:
        _, text = store.access_keys.create(
            project="default",
            name="ann",
            scopes=["read", "admin"],
            actor="ann",
            now=datetime.now(UTC),
        )
    return serve(folder, "--require-key"), text


def test_a_key_opens_the_view_that_was_asked_for(
    guarded: tuple[Serving, str], open_page: Open
) -> None:
    serving, key = guarded
    page = open_page(serving)
    page.go("/settings?tz=UTC", until="document.querySelector('.login')")
    assert page.run("location.pathname") == "/login"
    assert "401" in page.errors.pop()  # the browser's own note about the first answer
    page.click("#key")
    page.type(key)
    page.press("Enter")
    page.wait("location.pathname === '/settings' && document.querySelector('#keys')")
    assert page.run("location.search") == "?tz=UTC"
    assert "ann" in page.text()
    assert page.run("document.cookie") == ""
    assert key not in page.run("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    page.go("/settings")
    page.click(".ends button:last-child")
    page.wait("location.pathname === '/login'")
    page.go("/settings", until="document.querySelector('.login')")
    assert page.run("location.pathname") == "/login"
    page.errors.clear()


def test_the_first_view_shows_itself_after_signing_in(
    guarded: tuple[Serving, str], open_page: Open
) -> None:
    serving, key = guarded
    page = open_page(serving)
    page.go("/", until="document.querySelector('.login')")
    page.click("#key")
    page.type(key)
    page.press("Enter")
    page.wait("document.querySelector('main')?.innerText.includes('Nothing is watched yet')")
    assert page.run("location.pathname") == "/"
    assert all("401" in error for error in page.errors)
    page.errors.clear()


def test_a_wrong_key_is_told_and_can_be_corrected(
    guarded: tuple[Serving, str], open_page: Open
) -> None:
    page = open_page(guarded[0])
    page.go("/login", until="document.querySelector('#key')")
    page.click("#key")
    page.type("nonsense")
    page.press("Enter")
    page.wait("document.querySelector('#wrong').textContent.includes('unknown')")
    assert page.run("document.activeElement.id") == "key"
    assert all("401" in error for error in page.errors)
    page.errors.clear()


def test_signing_in_leads_to_places_of_this_application_only(
    guarded: tuple[Serving, str], open_page: Open, tmp_path: Path
) -> None:
    serving, key = guarded
    page = open_page(serving)
    page.go("/login?next=//example.org/", until="document.querySelector('#key')")
    page.click("#key")
    page.type(key)
    page.press("Enter")
    page.wait("document.querySelector('.places a')")
    assert page.run("location.href") == f"{page.base}/"
    page.errors.clear()
