"""Private columns are hashed, dropped or masked before anything is stored, whatever the way in."""

from __future__ import annotations

import json
import math
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.samples import START, feedback, outcome, prediction
from watchkeeper.errors import RecordError, StoreError
from watchkeeper.events import MaskRule, OperatingSettings, PrivacySettings
from watchkeeper.store import Store, back_up, canonical, restore
from watchkeeper.store.privacy import PrivateColumns

SECRETS = ("ada@lovelace.example", "0041791234567", "Countess-of-L", "1815.12103", "paid-rent")
ALL = PrivacySettings(
    hash=("entity", "email", "birth"),
    drop=("error", "name", "tag:account"),
    mask={"phone": MaskRule(keep_last=3), "item": MaskRule(keep_first=1)},
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats()
values = st.none() | st.booleans() | numbers | texts | st.lists(numbers, max_size=3)


def apply(store: Store, privacy: PrivacySettings, model: str = "m") -> None:
    store.operating.put(model, OperatingSettings(privacy=privacy), actor="me", now=START)


def hashed(store: Store, value: Any) -> str:
    return PrivateColumns(PrivacySettings(hash=("x",)), store.operating.key()).value(
        "feature:x", value
    )


def kept(value: Any) -> Any:
    """What makes two values the same: their kind, and a number's nearest double."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool | str):
        return type(value), value
    if isinstance(value, list):
        return list, tuple("nan" if math.isnan(float(v)) else float(v) for v in value)
    return float, float(value)


@given(values, values)
def test_hashes_are_equal_exactly_when_the_values_are(one: Any, other: Any) -> None:
    columns = PrivateColumns(PrivacySettings(hash=("x",)), b"k" * 32)
    first, second = columns.value("feature:x", one), columns.value("feature:x", other)
    if isinstance(one, list) and isinstance(other, list):
        if kept(one) == kept(other):
            assert first == second
        return
    assert (first == second) == (kept(one) == kept(other))


@given(texts | numbers)
def test_without_the_key_nobody_can_tell_a_hash(value: Any) -> None:
    settings = PrivacySettings(hash=("x",))
    one = PrivateColumns(settings, b"1" * 32).value("feature:x", value)
    other = PrivateColumns(settings, b"2" * 32).value("feature:x", value)
    assert one is None or (one != other and len(one) == 32)


@given(
    st.data(), st.sampled_from([texts, st.integers(-(2**53), 2**53), st.floats(), st.booleans()])
)
def test_records_and_tables_are_stored_as_the_same(data: st.DataObject, kind: Any) -> None:
    given = data.draw(st.lists(st.none() | kind, min_size=1, max_size=5))
    settings = PrivacySettings(hash=("a",), drop=("b",), mask={"c": MaskRule(keep_first=2)})
    columns = PrivateColumns(settings, b"k" * 32)
    names = [f"feature:{name}" for name in "abc"]
    ids = [str(n) for n in range(len(given))]
    table = pa.table(
        {"prediction_id": ids, "time": [START] * len(ids), **dict.fromkeys(names, given)}
    )
    stored = columns.table(canonical("prediction", table))
    for at, value in enumerate(given):
        record = prediction("1", features=dict.fromkeys("abc", value), tags={"t": "x"})
        treated = columns.record(record)
        for name in names:
            is_there = name in stored.column_names
            of_table = stored.column(name)[at].as_py() if is_there else None
            assert treated.features.get(name.removeprefix("feature:")) == of_table
        assert treated.tags == {"t": "x"}


@pytest.mark.parametrize(
    ("rule", "value", "stored"),
    [
        (MaskRule(), "Lovelace", "***"),
        (MaskRule(keep_first=2), "Lovelace", "Lo***"),
        (MaskRule(keep_last=3), "Lovelace", "***ace"),
        (MaskRule(keep_first=1, keep_last=2), "Lovelace", "L***ce"),
        (MaskRule(keep_first=4, keep_last=4), "Lovelace", "***"),
        (MaskRule(keep_last=2), 41791234567, "***67"),
        (MaskRule(keep_first=2), 12.0, "***"),
        (MaskRule(keep_first=1), True, "t***"),
        (MaskRule(keep_first=1), "", "***"),
        (MaskRule(keep_first=4), [1.0, 2.5], "[1.0***"),
        (MaskRule(keep_first=4), datetime(2026, 3, 1, tzinfo=UTC), "2026***"),
        (MaskRule(keep="domain"), "ada@lovelace.example", "***@lovelace.example"),
        (MaskRule(keep="domain"), "a@b@lovelace.example", "***@lovelace.example"),
        (MaskRule(keep="domain"), "no address", "***"),
        (MaskRule(keep_first=1), None, None),
        (MaskRule(keep_first=1), math.nan, None),
    ],
)
def test_a_mask_keeps_what_it_says_and_nothing_else(
    rule: MaskRule, value: Any, stored: Any
) -> None:
    columns = PrivateColumns(PrivacySettings(mask={"x": rule}), b"")
    assert columns.value("feature:x", value) == stored


def test_a_time_has_one_hash_in_every_zone() -> None:
    columns = PrivateColumns(PrivacySettings(hash=("x",)), b"k" * 32)
    zoned = START.astimezone(timezone(timedelta(hours=3)))
    assert columns.value("feature:x", START) == columns.value("feature:x", zoned)
    assert columns.value("feature:x", START) != columns.value("feature:x", START.isoformat())


def test_a_value_that_no_record_holds_is_refused() -> None:
    columns = PrivateColumns(PrivacySettings(hash=("x",)), b"k" * 32)
    with pytest.raises(RecordError, match="at most 64 bits"):
        columns.value("feature:x", 10**400)
    with pytest.raises(RecordError, match="got dict"):
        columns.value("feature:x", {})


def test_an_output_is_private_in_all_its_forms(store: Store) -> None:
    apply(store, PrivacySettings(hash=("output",)))
    apply(store, PrivacySettings(drop=("output", "label")), "n")
    outputs: list[Any] = [0.5, "yes", True, ["a", "b"], {"cat": 0.25, "dog": 0.75}, None]
    for model in ("m", "n"):
        store.append([prediction(f"{n}", output=o, model=model) for n, o in enumerate(outputs)])
    table = store.predictions("m")
    assert (
        table.column("output").to_pylist() == [hashed(store, o) for o in outputs[:4]] + [None] * 2
    )
    assert table.column("output:cat").to_pylist()[4] == hashed(store, 0.25)
    store.append([outcome("1", 3.0, model="n")])
    store.append_table(
        "n", "outcome", pa.table({"prediction_id": ["2"], "time": [START], "label": ["x"]})
    )
    table = store.predictions("n")
    assert not [name for name in table.column_names if name.startswith("output")]
    assert table.column("label").null_count == 6
    assert table.column("label_time").null_count == 4


def records(prefix: str, number: int) -> list[Any]:
    email, phone, name, birth, error = SECRETS
    features = {"email": email, "phone": phone, "name": name, "birth": float(birth), "x": 1.0}
    made: list[Any] = []
    for n in range(number):
        made.append(
            prediction(
                f"{prefix}-{n}", n, features=features, entity=email, error=error,
                tags={"account": phone, "country": "GB"},
            )
        )  # fmt: skip
        made.append(outcome(f"{prefix}-{n}", 1.0, n))
        made.append(feedback(f"{prefix}-{n}", n, entity=email, item=name))
    return made


def table(prefix: str) -> pa.Table:
    email, phone, name, birth, error = SECRETS
    columns: dict[str, Any] = {
        "prediction_id": f"{prefix}-t", "time": START, "entity": email, "error": error,
        "feature:email": email, "feature:phone": phone, "feature:name": name,
        "feature:birth": float(birth), "feature:x": 1.0, "tag:account": phone,
    }  # fmt: skip
    return pa.table({name: [value] for name, value in columns.items()})


def bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def leaks(content: bytes) -> list[str]:
    forms = [*SECRETS, SECRETS[1].lstrip("0")]
    return [secret for secret in forms if secret.encode() in content]


def test_no_private_value_is_anywhere_in_the_folder(fresh: Callable[[], Path]) -> None:
    folder = fresh()
    with Store.open(folder) as store:
        apply(store, ALL)
        store.append(records("few", 3))
        store.append(records("many", 50))
        store.append_table("m", "prediction", table("a"))
        assert leaks(bytes_below(folder)) == []
        stored = store.predictions("m")
        assert stored.num_rows == 54
        assert set(stored.column("feature:email").to_pylist()) == {hashed(store, SECRETS[0])}
        assert set(stored.column("entity").to_pylist()) == {hashed(store, SECRETS[0])}
        assert set(stored.column("feature:birth").to_pylist()) == {hashed(store, float(SECRETS[3]))}
        assert set(stored.column("feature:phone").to_pylist()) == {"***567"}
        assert set(store.feedback("m").column("item").to_pylist()) == {"C***"}
        assert {"feature:name", "tag:account"}.isdisjoint(stored.column_names)
        assert stored.column("error").null_count == 54
        store.seal()
        assert store.predictions("m").equals(stored)
    assert leaks(bytes_below(folder)) == []


def test_the_same_records_in_the_open_would_have_been_found(fresh: Callable[[], Path]) -> None:
    folder = fresh()
    with Store.open(folder) as store:
        store.append(records("few", 3))
        store.seal()
    # Sealed columns are packed, so that only some show; what shows is enough to trust the scan.
    assert leaks(bytes_below(folder)) != []


def test_what_was_put_in_force_after_it_was_prepared_holds(store: Store) -> None:
    waiting = [store.prepare(records("a", 2)), store.prepare(records("b", 40))]
    waiting.append(store.prepare_table("m", "prediction", canonical("prediction", table("c"))))
    with Store.open(store.folder) as other:
        apply(other, ALL)
    assert [receipt.accepted for receipt in store.commit(waiting)] == [6, 120, 1]
    assert set(store.predictions("m").column("entity").to_pylist()) == {hashed(store, SECRETS[0])}
    with Store.open(store.folder) as other:
        apply(other, PrivacySettings())
    store.append([prediction("open", entity="ada")])
    assert "ada" in store.predictions("m").column("entity").to_pylist()


def test_the_same_record_again_is_a_duplicate_under_privacy(store: Store) -> None:
    apply(store, PrivacySettings(hash=("label", "email"), drop=("entity",)))
    again = [*records("a", 2), outcome("a-0", True), outcome("a-0", "yes"), outcome("a-0", "no")]
    assert store.append(again).duplicates == 0
    assert store.append(again).accepted == 0
    assert store.append(again * 20).accepted == 0
    outcomes = {"prediction_id": ["a-0"] * 2, "time": [START] * 2, "label": ["yes", "no"]}
    assert store.append_table("m", "outcome", pa.table(outcomes)).accepted == 0


def test_without_the_key_nothing_of_a_hashed_model_is_taken(store: Store) -> None:
    apply(store, ALL)
    (store.folder / "privacy.key").unlink()
    with Store.open(store.folder) as other:
        with pytest.raises(StoreError, match=r"privacy\.key is missing"):
            other.append([prediction("1")])
        assert other.append([prediction("1", model="open")]).accepted == 1


def test_a_name_means_the_feature_and_the_tag_unless_it_says_which(store: Store) -> None:
    apply(store, PrivacySettings(drop=("a", "feature:b", "tag:c")))
    names = dict.fromkeys("abc", "x")
    store.append([prediction("1", features=names, tags=names)])
    assert [n for n in store.predictions("m").column_names if ":" in n] == ["feature:c", "tag:b"]


def test_the_audit_log_says_who_put_what_in_force_and_no_key(store: Store) -> None:
    apply(store, ALL)
    payloads = [json.loads(entry.payload) for entry in store.audit.entries()]
    assert payloads[-1]["settings"]["privacy"]["hash"] == ["entity", "email", "birth"]
    assert (store.folder / "privacy.key").read_text().strip() not in str(payloads)


def test_a_backup_has_the_key_so_that_equal_values_stay_equal(store: Store, tmp_path: Path) -> None:
    apply(store, ALL)
    store.append([prediction("1", entity="ada")])
    for _ in range(2):
        back_up(store.folder, tmp_path / "backup")
    restore(tmp_path / "backup", tmp_path / "restored")
    for place in ("backup", "restored"):
        assert stat.S_IMODE((tmp_path / place / "privacy.key").stat().st_mode) == 0o600
    with Store.open(tmp_path / "restored") as restored:
        restored.append([prediction("2", entity="ada")])
        assert len(set(restored.predictions("m").column("entity").to_pylist())) == 1
