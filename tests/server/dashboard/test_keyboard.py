"""Everything can be reached without a mouse."""

from server.conftest import Serving
from server.dashboard.conftest import Open
from server.dashboard.watched_model import MODEL


def test_views_are_reached_by_two_keys(watched: Serving, open_page: Open) -> None:
    page = open_page(watched)
    page.go("/")
    for key, path in (("i", "/incidents"), ("p", "/predictions"), ("s", "/settings"), ("f", "/")):
        page.press("g", key)
        page.wait(f"location.pathname === '{path}'")


def test_rows_are_walked_and_opened(watched: Serving, open_page: Open) -> None:
    page = open_page(watched)
    page.go("/")
    page.press("j")
    page.wait(f"document.activeElement.textContent === '{MODEL}'")
    page.press("Enter")
    page.wait(f"location.pathname === '/models/{MODEL}' && document.activeElement.id === 'main'")


def test_slash_finds_and_escape_leaves(watched: Serving, open_page: Open) -> None:
    page = open_page(watched)
    page.go("/")
    page.press("/")
    page.type("nothing-like-it")
    page.wait("document.querySelector('main').innerText.includes('No model')")
    assert page.run("document.activeElement.type") == "search"
    assert page.run("location.search") == "?q=nothing-like-it"
    page.press("Escape")
    page.wait("document.activeElement === document.body")


def test_help_and_time_open_and_close_and_give_focus_back(
    watched: Serving, open_page: Open
) -> None:
    page = open_page(watched)
    page.go(f"/models/{MODEL}")
    page.press("?")
    page.wait("document.querySelector('dialog[open]')?.innerText.includes('Next row')")
    page.press("Escape")
    page.wait("!document.querySelector('dialog')")
    page.run("document.querySelector('[data-time]').focus()")
    page.press("t")
    page.wait("document.querySelector('dialog.time[open]')")
    page.press("Escape")
    page.wait("!document.querySelector('dialog')")
    page.wait("document.activeElement.matches('[data-time]')")


def test_charts_are_read_by_arrows(watched: Serving, open_page: Open) -> None:
    page = open_page(watched)
    page.go(f"/models/{MODEL}")
    page.run("document.querySelector('wk-chart').focus()")
    page.press("ArrowLeft")
    page.wait("document.querySelector('wk-chart output').textContent.includes('Evidence')")
    page.run("document.querySelector('wk-heatmap').focus()")
    page.press("ArrowDown", "ArrowLeft")
    page.wait("document.querySelector('wk-heatmap output').textContent.includes('rows')")
    page.press("Enter")
    page.wait("location.pathname.includes('/columns/')")


def test_the_first_stop_skips_to_the_content(watched: Serving, open_page: Open) -> None:
    page = open_page(watched)
    page.go("/")
    page.press("Tab")
    page.wait("document.activeElement.className === 'skip'")
    assert page.run("document.activeElement.getBoundingClientRect().left >= 0")
