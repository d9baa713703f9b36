from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.pipeline import open_table
from watchkeeper.pipeline.identity import Identity, RepeatedIds


def ids(source: object) -> list[str]:
    identity = Identity()
    rows = open_table(source).numbered()
    return [one for batch in rows for one in identity.ids(batch).to_pylist()]


def test_a_row_has_the_same_id_at_every_reading_and_in_every_copy(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n" + "\n".join(map(str, range(1000))))
    (tmp_path / "copy.csv").write_bytes((tmp_path / "a.csv").read_bytes())
    first = ids(tmp_path / "a.csv")
    assert len(set(first)) == 1000
    assert ids(tmp_path / "a.csv") == ids(tmp_path / "copy.csv") == first


def test_rows_of_other_content_have_other_ids(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n2\n")
    (tmp_path / "b.csv").write_text("x\n1\n3\n")
    assert len({*ids([tmp_path / "a.csv", tmp_path / "b.csv"])}) == 4


def test_a_row_set_aside_does_not_change_the_ids_of_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,a\n2\n3,b\n")
    assert [one.rsplit("-")[1] for one in ids(tmp_path / "a.csv")] == ["1", "3"]


def test_frames_have_ids_by_their_content() -> None:
    frame = pa.table({"x": range(100_000)})
    assert len(set(ids(frame))) == 100_000
    assert ids(frame) == ids(pa.table({"x": range(100_000)}))
    assert not set(ids(frame)) & set(ids(pa.table({"x": range(1, 100_001)})))


@given(st.lists(st.lists(st.text(max_size=2), min_size=1), max_size=30))
def test_an_id_is_repeated_when_it_came_before(batches: list[list[str]]) -> None:
    repeated, seen = RepeatedIds(), set[str]()
    for batch in batches:
        expected = []
        for one in batch:
            expected.append(one in seen)
            seen.add(one)
        assert repeated.add(pa.array(batch, pa.string())).tolist() == expected
