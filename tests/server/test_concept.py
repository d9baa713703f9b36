"""A server tells concept drift as labels come, and goes on after it was killed."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.concept.labelled_year import MODEL, days, with_reference
from server.conftest import Serving
from server.test_watching import until
from watchkeeper.store import Store


def asked(serving: Serving) -> dict[str, Any]:
    answer = serving.http.get(f"/v1/models/{MODEL}/concept")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_server_that_is_killed_goes_on_and_tells_one_incident(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    with Store.open(folder) as store:
        with_reference(store)
        store.append(days(12, 15))
    serving = serve(folder)
    until(lambda: asked(serving).get("labels") == 720)
    os.kill(serving.process.pid, signal.SIGKILL)
    serving.process.wait()
    with Store.open(folder) as store:
        store.append(days(15, 19, turned=True))
    serving = serve(folder)
    until(lambda: asked(serving).get("state") == "risen")
    found = asked(serving)
    assert (found["loss"], found["alarms"]) == ("brier", 1)
    assert found["now"] > found["normal"]
    opened = serving.http.get("/v1/incidents?state=open").json()["incidents"]
    # Columns may move too, and estimates be contradicted.
    [listed] = [one for one in opened if one["what"] == ["concept drift"]]
    assert (listed["id"], listed["source"]) == (found["incident"], "quality")
    page = serving.http.get(f"/v1/incidents/{listed['id']}")
    assert page.status_code == 200, page.text
    assert serving.http.get("/v1/models/other/concept").status_code == 404
