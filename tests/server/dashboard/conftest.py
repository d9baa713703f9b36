from collections.abc import Callable, Iterator

import pytest

from server.conftest import Serving
from server.dashboard.chromium import Chromium, Page
from server.dashboard.watched_model import fill, incident_of

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    browser = Chromium(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()


@pytest.fixture
def open_page(chromium: Chromium) -> Iterator[Open]:
    """Open pages of a server; after the test none may have complained or asked anybody else."""
    pages: list[Page] = []

    def start(serving: Serving, **options: int | bool) -> Page:
        page = chromium.page(str(serving.http.base_url).rstrip("/"), **options)
        pages.append(page)
        return page

    yield start
    for page in pages:
        assert page.errors == []
        foreign = [u for u in page.requests if not u.startswith((page.base, "about:", "data:"))]
        assert foreign == []
        page.close()


@pytest.fixture(scope="module")
def watched(serve: Callable[..., Serving], tmp_path_factory: pytest.TempPathFactory) -> Serving:
    """A server over a store with a model that has an open incident, and hostile names."""
    folder = tmp_path_factory.mktemp("watched") / "store"
    fill(folder)
    serving = serve(folder)
    incident_of(serving)  # waits until it is judged
    return serving
