"""The dashboard's page and files as they are served."""

import gzip
import re
from collections.abc import Iterator

import httpx
import pytest

from server.conftest import Serving

VIEWS = (
    "/",
    "/login",
    "/models/delays",
    "/models/delays/columns/a%2Fb",
    "/models/delays/predictions/1",
    "/incidents",
    "/incidents/1",
    "/predictions",
    "/alerts",
    "/audit",
    "/settings",
)


@pytest.fixture
def shell(serving: Serving) -> str:
    return serving.http.get("/").text


def asset_paths(shell: str) -> list[str]:
    return sorted(set(re.findall(r'(?:href|src)="(/assets/[^"]+)"', shell)))


@pytest.mark.parametrize("path", VIEWS)
def test_every_view_is_served_by_the_same_page(serving: Serving, shell: str, path: str) -> None:
    answer = serving.http.get(path)
    assert answer.status_code == 200
    assert answer.text == shell


def test_the_page_may_load_and_reach_nothing_but_its_own_server(serving: Serving) -> None:
    answer = serving.http.get("/")
    policy = dict(
        part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "font-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "<script>" not in answer.text
    assert "style=" not in answer.text


def test_files_are_kept_for_good_under_a_name_of_their_content(
    serving: Serving, shell: str
) -> None:
    paths = asset_paths(shell)
    assert len(paths) > 20
    for path in paths:
        answer = serving.http.get(path)
        assert answer.status_code == 200, path
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"].split("/")[0] == "text"
        again = serving.http.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_another_versions_files_are_not_answered_with_this_ones(
    serving: Serving, shell: str
) -> None:
    stale = re.sub(r"/assets/[0-9a-f]+/", "/assets/0000000000000000/", asset_paths(shell)[0])
    assert serving.http.get(stale).status_code == 404
    assert serving.http.get("/assets/../app.py").status_code == 404


def test_the_page_is_asked_for_anew_and_sent_only_if_it_changed(serving: Serving) -> None:
    first = serving.http.get("/incidents")
    assert first.headers["cache-control"] == "no-cache"
    again = serving.http.get("/audit", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304


def test_files_are_small_and_sent_small(serving: Serving, shell: str) -> None:
    def sizes(encoding: str) -> Iterator[int]:
        with httpx.Client(base_url=serving.http.base_url) as client:
            for path in asset_paths(shell):
                with client.stream("GET", path, headers={"accept-encoding": encoding}) as answer:
                    body = b"".join(answer.iter_raw())
                    if encoding == "gzip":
                        assert gzip.decompress(body)
                    yield len(body)

    assert sum(sizes("gzip")) < 100_000
    assert sum(sizes("identity")) < 280_000


def test_every_module_that_one_imports_is_preloaded(serving: Serving, shell: str) -> None:
    paths = [path for path in asset_paths(shell) if path.endswith(".js")]
    for path in paths:
        text = serving.http.get(path).text
        for name in re.findall(r'(?:from|import) "([^"]+)"', text):
            assert str(httpx.URL("http://x" + path).join(name).path) in paths, (path, name)
