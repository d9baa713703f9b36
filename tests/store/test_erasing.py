"""All that is kept of an entity goes, and nothing else."""

from __future__ import annotations

import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nursery import Talking
from store.samples import feedback, outcome, prediction
from watchkeeper.errors import BusyError, StoreError, UsageError
from watchkeeper.events import MaskRule, OperatingSettings, PrivacySettings
from watchkeeper.store import ErasedRows, Erasure, Store, back_up

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ADA = "ada.lovelace.the.countess"


def erase(store: Store, entity: str = ADA) -> Erasure:
    return store.erasures.erase(entity, actor="me", now=NOW)


def all_of(store: Store, model: str = "m") -> list[tuple[Any, ...]]:
    """Every record of a model as (kind, id, entity, label), sorted."""
    kept = [
        ("prediction", row["prediction_id"], row["entity"], row.get("label"))
        for row in store.predictions(model).to_pylist()
    ]
    rows = store.feedback(model).to_pylist()
    kept += [("feedback", r["feedback_id"], r["entity"], r["prediction_id"]) for r in rows]
    return sorted(kept, key=repr)


def bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def parquet(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*.parquet*")}


def named(folder: Path) -> dict[str, str]:
    connection = sqlite3.connect(folder / "state.sqlite")
    try:
        return dict(connection.execute("SELECT path, sha256 FROM sealed_files").fetchall())
    finally:
        connection.close()


def fill(store: Store) -> None:
    """Two models; of each entity some is sealed and some is not."""
    for model in ("m", "n"):
        for n, entity in enumerate([ADA, "bob", None, ADA]):
            more = {"entity": entity, "model": model, "features": {"x": float(n)}}
            store.append([prediction(f"p{n}", n, **more)])
            store.append([outcome(f"p{n}", float(n), n, model=model)])
            if n == 1:
                store.seal()
        store.append(
            [
                feedback("by-ada", entity=ADA, model=model),
                feedback("on-ada", entity="bob", prediction_id="p0", model=model),
                feedback("by-bob", entity="bob", prediction_id="p1", model=model),
            ]
        )


def test_what_is_kept_of_an_entity_goes_and_nothing_else(store: Store) -> None:
    fill(store)
    before = named(store.folder)
    done = erase(store)
    assert done.models == [
        ErasedRows(model=model, predictions=2, outcomes=2, feedback=2) for model in ("m", "n")
    ]
    assert done.rows_left == 0
    for model in ("m", "n"):
        assert all_of(store, model) == [
            ("feedback", "by-bob", "bob", "p1"),
            ("prediction", "p1", "bob", 1.0),
            ("prediction", "p2", None, 2.0),
        ]
    now = named(store.folder)
    assert parquet(store.folder) == set(now)
    assert {file.path for file in done.files} - set(now) == {file.path for file in done.files}
    for file in done.files:
        assert before.get(file.path, file.sha256) == file.sha256
        assert all(now[path] == digest for path, digest in file.became.items())
    again = erase(store)
    assert (again.models, again.files, again.rows_left) == ([], [], 0)


def test_no_byte_of_the_folder_tells_of_it(store: Store) -> None:
    fill(store)
    # Large batches and many of them, sealed and not, so that pages become free and are used again.
    for n in range(40):
        names = [f"{ADA}-{n}-{at}" for at in range(60)]
        store.append([prediction(name, n, entity=ADA, error=ADA) for name in names])
        store.append([prediction(f"b-{n}-{at}", n, entity="bob") for at in range(n)])
        if n % 9 == 0:
            store.seal()
    assert ADA.encode() in bytes_below(store.folder)
    done = erase(store)
    assert done.models[0].predictions == 2 + 40 * 60
    assert done.overwritten_bytes > 0
    assert ADA.encode() not in bytes_below(store.folder)
    assert store.predictions("m").num_rows == 2 + sum(range(40))
    said = "".join(entry.payload for entry in store.audit.entries())
    assert done.subject in said
    assert store.audit.verify().holds


entities = st.sampled_from([ADA, "bob", "cy", None])


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(
        st.tuples(
            st.lists(st.tuples(entities, st.integers(0, 80)), min_size=1, max_size=4),
            st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=4),
            st.lists(st.tuples(entities, st.none() | st.integers(0, 9)), max_size=3),
            st.sampled_from(["", "seal", "table"]),
        ),
        min_size=1,
        max_size=5,
    ),
    hashed=st.booleans(),
)
def test_whatever_is_sealed_exactly_the_rows_of_the_entity_go(
    fresh: Callable[[], Path], batches: list[Any], hashed: bool
) -> None:
    kept: list[tuple[Any, ...]] = []
    with Store.open(fresh()) as store:
        if hashed:
            private = OperatingSettings(privacy=PrivacySettings(hash=("entity",)))
            store.operating.put("m", private, actor="me", now=NOW)
        of: dict[str, str | None] = {}
        labels: dict[str, bool] = {}
        tells: dict[str, tuple[str | None, str | None]] = {}
        for predictions, outcomes, told, how in batches:
            made = []
            for entity, hour in predictions:
                name = str(len(of))
                of[name] = entity
                made.append(prediction(name, 3600 * hour, entity=entity))
            if how == "table":
                columns = ("prediction_id", "time", "entity")
                rows = {c: [getattr(p, c) for p in made] for c in columns}
                store.append_table("m", "prediction", pa.table(rows))
            else:
                store.append(made)
            for number, label in outcomes:
                if labels.setdefault(str(number), label) == label:
                    store.append([outcome(str(number), label)])
            for entity, about in told:
                name = f"f{len(tells)}"
                tells[name] = entity, None if about is None else str(about)
                store.append([feedback(name, entity=entity, prediction_id=tells[name][1])])
            if how == "seal":
                store.seal()
        erased = {name for name, entity in of.items() if entity == ADA}
        shown = {None: None, **{e: store.stored_entity("m", e) for e in (ADA, "bob", "cy")}}
        kept = [
            ("prediction", name, shown[entity], labels.get(name))
            for name, entity in of.items()
            if name not in erased
        ]
        kept += [
            ("feedback", name, shown[entity], about)
            for name, (entity, about) in tells.items()
            if entity != ADA and about not in erased
        ]
        seen = store.erasures.look(ADA, actor="me", now=NOW)
        done = erase(store)
        assert done.rows_left == 0
        assert done.models == seen.models
        assert sum(one.predictions for one in done.models) == len(erased)
        assert all_of(store) == sorted(kept, key=repr)
        store.seal()
        assert all_of(store) == sorted(kept, key=repr)


def test_looking_changes_nothing(store: Store) -> None:
    fill(store)
    before, entries = all_of(store), store.audit.entries()
    seen = store.erasures.look(ADA, actor="me", now=NOW)
    assert [one.model for one in seen.models] == ["m", "n"]
    assert (seen.number, seen.files, seen.rows_left, seen.subject) == (None, [], None, "")
    assert store.erasures.look("nobody", actor="me", now=NOW).models == []
    assert (all_of(store), store.audit.entries(), store.erasures.all()) == (before, entries, [])
    assert not (store.folder / "privacy.key").exists()


def test_what_was_erased_is_known_without_the_id(store: Store) -> None:
    fill(store)
    first, second = erase(store), erase(store, "bob")
    assert store.erasures.all() == [second, first]
    assert (first.number, second.number) == (1, 2)
    assert first.subject != second.subject
    assert store.erasures.look(ADA, actor="me", now=NOW).subject == first.subject
    assert any("backups" in told for told in first.not_covered)
    assert ADA not in repr(store.erasures.all())


def test_where_backups_were_made_is_told(store: Store, tmp_path: Path) -> None:
    fill(store)
    for name in ("one", "two", "one"):
        back_up(store.folder, tmp_path / name, actor="ann")
    told = erase(store).not_covered[0]
    assert told.endswith(f"some were made in {tmp_path / 'one'}, {tmp_path / 'two'}")


def test_an_entity_is_found_as_it_was_stored_at_each_time(store: Store) -> None:
    hashed = OperatingSettings(privacy=PrivacySettings(hash=("entity",)))
    masked = OperatingSettings(privacy=PrivacySettings(mask={"entity": MaskRule(keep_last=2)}))
    for n, chosen in enumerate([OperatingSettings(), hashed, masked, OperatingSettings()]):
        store.operating.put("m", chosen, actor="me", now=NOW)
        store.append([prediction(str(n), entity=ADA)])
    store.operating.put("m", masked, actor="me", now=NOW)
    done = erase(store)
    assert done.models == [ErasedRows(model="m", predictions=3, outcomes=0, feedback=0)]
    assert store.predictions("m").column("prediction_id").to_pylist() == ["2"]
    assert (
        "masked entities cannot be told apart, so nothing of theirs is found: m" in done.not_covered
    )


def test_the_same_record_again_stays_a_duplicate_and_a_new_one_is_ordinary(store: Store) -> None:
    fill(store)
    erase(store)
    assert store.append([prediction("p0", 0, entity=ADA)]).duplicates == 1
    assert store.append([prediction("new", entity=ADA)]).accepted == 1
    assert store.predictions("m").num_rows == 3


def test_what_had_arrived_by_then_is_still_known(store: Store) -> None:
    fill(store)
    sequence = store.last_sequence("m") - 3
    before = store.predictions("m", up_to_sequence=sequence)
    erase(store)
    others = pc.invert(pc.fill_null(pc.equal(before.column("entity"), ADA), False))
    assert store.predictions("m", up_to_sequence=sequence).equals(before.filter(others))


def test_a_damaged_file_is_told_and_nothing_is_changed(store: Store) -> None:
    fill(store)
    store.seal()
    path = store.folder / sorted(named(store.folder))[-1]
    content = path.read_bytes()
    path.write_bytes(content[:100])
    before = named(store.folder)
    with pytest.raises(StoreError, match="missing or damaged"):
        erase(store)
    assert named(store.folder) == before
    path.write_bytes(content)
    assert erase(store).rows_left == 0


def test_an_empty_id_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="not empty"):
        erase(store, "")


def test_readers_and_writers_go_on_meanwhile(store: Store) -> None:
    fill(store)
    wrong: list[object] = []
    ends = threading.Event()

    def read() -> None:
        with Store.open(store.folder) as other:
            while not ends.wait(0.002):
                ids = other.predictions("m").column("prediction_id").to_pylist()
                if len(ids) != len(set(ids)) or not {"p1", "p2"} <= set(ids):
                    wrong.append(ids)

    def write() -> None:
        with Store.open(store.folder) as other:
            at = 0
            while not ends.wait(0.002):
                at += 1
                if other.append([prediction(f"w{at}", at, entity=ADA)]).accepted != 1:
                    wrong.append(at)

    threads = [threading.Thread(target=work) for work in (read, write)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        assert erase(store).rows_left == 0
    ends.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert erase(store).rows_left == 0
    assert all_of(store)[1:] == [("prediction", "p1", "bob", 1.0), ("prediction", "p2", None, 2.0)]


def test_a_reader_that_holds_on_to_the_log_is_told(store: Store) -> None:
    fill(store)
    with store._database.reading() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM journal").scalar()
        with pytest.raises(BusyError, match="still stands in its log"):
            erase(store)
    assert store.erasures.all()[0].rows_left is None
    assert erase(store).rows_left == 0
    assert ADA.encode() not in bytes_below(store.folder)


SCRIPT = """
import sys
from datetime import UTC, datetime
from watchkeeper.store import Store
with Store.open(sys.argv[1]) as store:
    print("begin", flush=True)
    store.erasures.erase(sys.argv[2], actor="me", now=datetime.now(UTC))
    print("done", flush=True)
"""


def test_a_kill_at_any_moment_leaves_all_or_nothing(fresh: Callable[[], Path]) -> None:
    whole, folder = fresh(), fresh()
    with Store.open(whole) as store:
        for n in range(12):
            more = [prediction(f"{n}-{at}", 86_400 * n, entity="bob") for at in range(50)]
            store.append([prediction(f"a{n}", 86_400 * n, entity=ADA), *more])
        store.seal()
    begun = time.monotonic()
    with Store.open(folder) as store:
        erase(store)
    seconds = time.monotonic() - begun
    outcomes = set()
    for turn in range(10):
        subprocess.run(["rm", "-rf", folder], check=True)
        subprocess.run(["cp", "-r", whole, folder], check=True)
        with Talking("-c", SCRIPT, folder, ADA) as process:
            assert process.stdout.readline() == "begin\n"
            time.sleep(0.02 + turn * 0.04 * max(seconds, 0.2))
        with Store.open(folder) as store:
            ids = store.predictions("m").column("entity").to_pylist()
            assert (ids.count("bob"), ids.count(ADA)) in {(600, 12), (600, 0)}
            outcomes.add(ids.count(ADA))
            assert len(store.erasures.all()) == (0 if ids.count(ADA) else 1)
            erase(store)
            assert parquet(folder) == set(named(folder))
        assert ADA.encode() not in bytes_below(folder)
    assert 12 in outcomes
