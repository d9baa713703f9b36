"""What is shown follows what happens, in place."""

import signal
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from server.conftest import Serving
from server.dashboard.conftest import Open
from server.dashboard.watched_model import HOURS, MODEL, SHIFTED_FROM, fill, rows

ARROW = "application/vnd.apache.arrow.stream"


def send(serving: Serving, table: pa.Table) -> None:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    answer = serving.http.post(
        f"/v1/models/{MODEL}/predictions",
        content=sink.getvalue().to_pybytes(),
        headers={"content-type": ARROW},
    )
    assert answer.status_code == 200, answer.text


@pytest.fixture
def quiet(serve: Callable[..., Serving], tmp_path: Path) -> Serving:
    """A server over a model with nothing amiss yet."""
    fill(tmp_path / "store", last_hour=SHIFTED_FROM)
    return serve(tmp_path / "store")


def test_an_incident_shows_up_in_place(quiet: Serving, open_page: Open) -> None:
    page = open_page(quiet)
    page.go("/")
    page.wait("document.querySelector('.is-ok')")
    page.run(
        "(() => { window.row = document.querySelector('tbody tr');"
        "window.link = row.querySelector('a'); link.focus(); scrollTo(0, 7); })()"
    )
    send(quiet, rows(SHIFTED_FROM, HOURS, shift=1.5))
    page.wait("document.querySelector('tbody .is-incident, tbody tr.is-incident')", seconds=30)
    assert page.run("row.isConnected && document.activeElement === link")
    assert page.run("document.querySelector('tbody tr') === row")


def test_a_server_that_is_gone_is_said_and_one_that_is_back_is_not(
    serve: Callable[..., Serving], tmp_path: Path, open_page: Open
) -> None:
    fill(tmp_path / "store", last_hour=SHIFTED_FROM)
    serving = serve(tmp_path / "store")
    page = open_page(serving)
    page.go("/")
    serving.end(signal.SIGTERM)
    page.wait("document.querySelector('#banner').innerText.includes('does not answer')")
    assert MODEL in page.text()  # what was known stays to be read
    serve(tmp_path / "store", "--port", str(serving.port))
    page.wait("document.querySelector('#banner').innerText === ''")
    assert all("ERR_CONNECTION_REFUSED" in error for error in page.errors)
    page.errors.clear()
