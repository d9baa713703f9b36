"""The cost of predictions is watched where only prices tell it, by the prices of the baseline."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipeline.watched_store import MODEL, NOW, REFERENCE_HOURS, START, baseline, fill
from watchkeeper.events import CostSettings, OperatingSettings, PriceSettings, TokenSettings
from watchkeeper.pipeline import Watch, affected_rows, replay
from watchkeeper.pipeline.baselining import load_setup
from watchkeeper.pipeline.stored import stored_rows
from watchkeeper.store import IncidentKey, Store

END = REFERENCE_HOURS
ROWS = 30
BY_TABLE = CostSettings(
    month_budget_usd=500, prices=(PriceSettings(per_million_usd={"read": 2.5, "written": 10.0}),)
)
BY_LIST = CostSettings(tokens=TokenSettings(model="llm", input="read", output="written"))


def calls(first: int, last: int, *, longer: float = 1.0, llm: str = "gpt-4o", **more: Any) -> Any:
    """Calls of a language model in some hours, 30 in each, with prompts so much longer."""
    random = np.random.default_rng([first, last])
    size = (last - first) * ROWS
    seconds = np.repeat(np.arange(first, last), ROWS) * 3600 + np.arange(size) % ROWS * 60
    times = [START + timedelta(seconds=int(one)) for one in seconds]
    read = random.lognormal(7.0, 0.5, size) * longer
    columns = {
        "prediction_id": [f"{first}-{at}" for at in range(size)],
        "time": pa.array(times, pa.timestamp("us", "UTC")),
        "feature:read": read.astype(np.int64),
        "feature:written": random.lognormal(4.0, 0.3, size).astype(np.int64),
        "tag:llm": [llm] * size,
    }
    return pa.table(columns | more)


def put(store: Store, costs: CostSettings) -> None:
    store.operating.put(MODEL, OperatingSettings(costs=costs), actor="ann", now=NOW)


@pytest.mark.parametrize("bucket", ["1h", "100rows"])
@pytest.mark.parametrize("costs", [BY_TABLE, BY_LIST], ids=["table", "list"])
def test_longer_prompts_open_an_incident_of_their_cost_and_a_replay_is_equal(
    tmp_path: Path, costs: CostSettings, bucket: str
) -> None:
    with Store.open(tmp_path) as store:
        put(store, costs)
        fill(store, calls(0, END))
        assert baseline(store, bucket=bucket).is_priced
        # New prices count for the sums at once, for the watch not before a new baseline.
        put(store, CostSettings(prices=(PriceSettings(per_prediction_usd=900.0),)))
        fill(store, calls(END, END + 40))
        assert Watch(store, MODEL).advance(now=NOW).changes == ()
        fill(store, calls(END + 40, END + 60, longer=1.5))
        [opened, *_] = Watch(store, MODEL).advance(now=NOW).changes
        moved = {stream.column: stream for stream in opened.incident.streams}
        assert {"cost_usd", "read"} <= moved.keys()
        put(store, CostSettings())
        store.seal()
        again = replay(store, MODEL)
        assert again.differing == ()
        assert len(again.incidents) == 1
        key = IncidentKey(model=MODEL, version=1, incident_id=opened.incident.incident_id)
        shown = affected_rows(store, key, limit=5)
        cost, read = (shown.columns.index(one) for one in ("cost_usd", "feature:read"))
        written = shown.columns.index("feature:written")
        assert len(shown.rows) == 5
        for row in shown.rows:
            assert row[cost] == pytest.approx(row[read] * 2.5e-6 + row[written] * 10e-6)


def test_only_the_cost_can_be_watched(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        put(store, BY_TABLE)
        fill(store, calls(0, END), calls(END, END + 20, longer=1.5))
        baseline(store, columns=("cost_usd",))
        [opened, *_] = Watch(store, MODEL).advance(now=NOW).changes
        assert {stream.column for stream in opened.incident.streams} == {"cost_usd"}


def test_a_logged_cost_stays_and_a_model_that_the_reference_lacks_has_none(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        put(store, BY_LIST)
        fill(store, calls(0, END))
        baseline(store)
        fill(
            store,
            calls(END, END + 1, cost_usd=[7.0] + [None] * (ROWS - 1)),
            calls(END + 1, END + 2, llm="gpt-4o-mini"),
        )
        prices = load_setup(store, MODEL)[1].prices
        assert prices is not None
        assert list(prices.token_prices) == ["gpt-4o"]
        rows = stored_rows(store, MODEL, start=_hour(END), prices=prices)
        priced, unknown = rows.slice(0, ROWS), rows.slice(ROWS)
        assert priced["cost_usd"][0].as_py() == 7.0
        assert priced["cost_usd"].null_count == 0
        assert priced["cost_usd"][1].as_py() == pytest.approx(
            priced["read"][1].as_py() * 2.5e-6 + priced["written"][1].as_py() * 10e-6
        )
        assert unknown["cost_usd"].null_count == ROWS


def test_without_prices_nothing_is_priced_and_older_baselines_have_none(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        put(store, CostSettings(month_budget_usd=500))
        fill(store, calls(0, END))
        assert not baseline(store).is_priced
        put(store, BY_TABLE)
        assert load_setup(store, MODEL)[1].prices is None
        assert Watch(store, MODEL).advance(now=NOW).changes == ()
        assert baseline(store).is_priced


def _hour(number: int) -> datetime:
    return START + timedelta(hours=number)
