"""A server says whether it can work; when its disk is full, it keeps what it acknowledged."""

from __future__ import annotations

import asyncio
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx

from server.conftest import Serving
from server.test_intake import prediction
from watchkeeper.server.readiness import Readiness
from watchkeeper.store import Store

ROOM = 1_000_000


def posted(serving: Serving, batch: int) -> httpx.Response:
    records = (
        prediction(200 * batch + i, features={"note": f"{batch}-{i}" * 50}) for i in range(200)
    )
    return serving.post(*records)


def largest_file(serving: Serving, size: int) -> None:
    """Let no file of the server grow beyond a size: what it writes then fails."""
    resource.prlimit(serving.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_full_disk_is_503_loses_nothing_and_passes(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    serving = serve(tmp_path / "store")
    assert serving.http.get("/readyz").status_code == 200
    largest_file(serving, ROOM)
    kept = 0
    while (answer := posted(serving, kept)).status_code == 200:
        kept += 1
        assert kept < 1_000
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert "disk" in answer.json()["detail"]
    assert posted(serving, kept).status_code == 503
    assert serving.http.get("/healthz").status_code == 200
    assert serving.http.get("/v1/models").status_code == 200
    largest_file(serving, 10)
    not_ready = serving.http.get("/readyz")
    assert not_ready.status_code == 503
    assert "cannot be written" in not_ready.json()["detail"]
    assert str(tmp_path) not in not_ready.text
    largest_file(serving, resource.RLIM_INFINITY)
    assert posted(serving, kept).json()["accepted"] == 200
    assert serving.http.get("/readyz").json() == {"status": "ready"}
    assert serving.end() == 0
    with Store.open(tmp_path / "store", create=False) as store:
        ids = store.predictions("m")["prediction_id"].to_pylist()
        assert len(ids) == len(set(ids)) == 200 * (kept + 1)
        assert store.audit.verify().holds


def test_a_disk_with_little_room_is_not_ready(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        free = shutil.disk_usage(store.folder).free
        assert asyncio.run(Readiness(store, least_free_bytes=free // 2).reasons()) == []
        [reason] = asyncio.run(Readiness(store, least_free_bytes=free * 2).reasons())
    assert "of room, less than" in reason


def test_a_server_whose_watch_has_ended_is_not_ready(tmp_path: Path) -> None:
    async def ended() -> list[str]:
        readiness = Readiness(store, least_free_bytes=0)
        going, gone = (asyncio.create_task(asyncio.sleep(seconds)) for seconds in (60, 0))
        readiness.follow({"sealing": going, "watch": gone})
        await gone
        found = await readiness.reasons()
        going.cancel()
        return found

    with Store.open(tmp_path) as store:
        assert asyncio.run(ended()) == ["the watch has ended"]
