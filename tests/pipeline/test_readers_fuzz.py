"""Whatever the bytes are, reading gives rows or a WatchkeeperError, and no good row is lost."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchkeeper.errors import WatchkeeperError
from watchkeeper.pipeline import open_table

FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
TOKENS = [*(bytes([byte]) for byte in b'a1",\n\r\0\xff{}[]: ;\\'), b"\r\n", b'""', b"\xef\xbb\xbf"]
TOKENS += [b"null", b"NaN", b"2020-01-01", b"-1e9"]
JUNK = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=100).map(lambda text: text.encode(errors="surrogatepass")),
    st.lists(st.sampled_from(TOKENS), max_size=60).map(b"".join),
)


def read(name: str, data: bytes) -> list[dict[str, object]] | None:
    """Rows, or ``None`` when the file is refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        try:
            source = open_table(path)
            rows = [row for table in source.batches(batch_rows=7) for row in table.to_pylist()]
        except WatchkeeperError as error:
            assert str(path) in str(error) or "row" in str(error)
            return None
        assert all(one.row >= 1 and one.reason for one in source.rejections)
        return rows


@FUZZ
@given(JUNK)
def test_any_bytes_named_csv(data: bytes) -> None:
    read("a.csv", data)
    read("a.csv", b"a,b\n1,x\n" + data)


@FUZZ
@given(JUNK)
def test_any_bytes_named_jsonl(data: bytes) -> None:
    read("a.jsonl", data)
    read("a.jsonl", b'{"a": 1, "b": "x"}\n' + data)


@FUZZ
@given(st.binary(max_size=200), st.sampled_from([b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1", b""]))
def test_any_bytes_behind_a_known_magic(data: bytes, magic: bytes) -> None:
    for name in ("a.csv", "a.jsonl", "a.parquet"):
        read(name, magic + data)


def parquet_bytes() -> bytes:
    table = pa.table(
        {
            "n": [1, None, 3] * 30,
            "x": [0.5, float("nan"), 2.0] * 30,
            "t": ["a", "b", None] * 30,
            "v": [[1.0], None, []] * 30,
            "r": [["a", "b"], None, []] * 30,
            "s": [{"a": 1, "b": b"x"}, None, {"a": None, "b": None}] * 30,
            "d": pa.array(["one", "two", None] * 30).dictionary_encode(),
            "at": pa.array([1, 2, 3] * 30).cast(pa.timestamp("us", "UTC")),
        }
    )
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, row_group_size=40)
    data: bytes = sink.getvalue().to_pybytes()
    return data


WHOLE = parquet_bytes()


@settings(FUZZ, max_examples=400)
@given(
    st.lists(
        st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=8
    ),
    st.integers(0, len(WHOLE)),
)
def test_parquet_with_changed_or_missing_bytes(changes: list[tuple[int, int]], end: int) -> None:
    data = bytearray(WHOLE)
    for at, byte in changes:
        data[at] = byte
    read("a.parquet", bytes(data))
    read("a.parquet", bytes(data[:end]))


CELL = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=12
)
BAD_CSV = st.sampled_from(
    [b"1", b"1,2,3,4", b'9,"open,z', b"9,\0,z", b"9,\xff\xfe,z", b'""",,,', b"x"]
)


@FUZZ
@given(
    st.lists(st.one_of(CELL, BAD_CSV), min_size=1, max_size=30),
    st.sampled_from(["\n", "\r\n"]),
)
def test_every_good_row_of_csv_survives_the_bad_ones(
    cells: list[str | bytes], line_end: str
) -> None:
    """Quoted cells hold no line end here: after an open quotation mark, they are ambiguous."""
    data, good = b"id,text,end" + line_end.encode(), []
    for at, cell in enumerate(cells):
        if isinstance(cell, bytes):
            data += cell + line_end.encode()
            continue
        cell = cell.replace("\n", " ").replace('"', "'")
        out = io.StringIO()
        csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator=line_end).writerow([at, cell, "z"])
        data += out.getvalue().encode()
        good.append((at, cell))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(data)
        if not good:
            assert read("a.csv", data) is None
            return
        source = open_table(path, types={"id": pa.string(), "text": pa.string()})
        rows = [row for table in source.batches() for row in table.to_pylist()]
        assert [(int(str(row["id"])), row["text"]) for row in rows] == good
        assert source.rejected == len(cells) - len(good)
        bad = [at for at, cell in enumerate(cells, start=1) if isinstance(cell, bytes)]
        assert [one.row for one in source.rejections] == bad


@FUZZ
@given(
    st.lists(
        st.tuples(
            st.integers(-(2**63), 2**63 - 1), CELL, st.floats(allow_nan=False, allow_infinity=False)
        ),
        min_size=1,
    )
)
def test_csv_gives_back_what_the_standard_library_wrote(rows: list[tuple[int, str, float]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("id", "text", "number"), *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text(out.getvalue(), encoding="utf-8")
        types = {"id": pa.int64(), "text": pa.string(), "number": pa.float64()}
        source = open_table(path, types=types)
        read_back = [tuple(row.values()) for table in source.batches() for row in table.to_pylist()]
    assert read_back == rows
    assert source.rejected == 0


BAD_JSON = st.sampled_from(
    [b"{", b"[1]", b'"x"', b"nul", b'{"id": \xff}', b'{"id": 1}}', b"[" * 3000]
)
JSON_VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), CELL),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(CELL, inner, max_size=3)),
    max_leaves=5,
)


@FUZZ
@given(st.lists(st.one_of(JSON_VALUE.map(lambda v: {"value": v}), BAD_JSON), min_size=1))
def test_every_good_line_of_jsonl_survives_the_bad_ones(
    lines: list[dict[str, object] | bytes],
) -> None:
    data, good = b"", []
    for at, line in enumerate(lines):
        if isinstance(line, bytes):
            data += line + b"\n"
        else:
            data += json.dumps({"id": at, **line}).encode() + b"\n"
            good.append(at)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        path.write_bytes(data)
        if not good:
            assert read("a.jsonl", data) is None
            return
        source = open_table(path, bad_cells="null")
        rows = [row for table in source.batches() for row in table.to_pylist()]
        assert [row["id"] for row in rows] == good


@FUZZ
@given(st.lists(st.dictionaries(CELL, JSON_VALUE, max_size=4), max_size=20))
def test_any_rows_as_dicts(rows: list[dict[str, object]]) -> None:
    try:
        source = open_table(rows, bad_cells="null")
        count = sum(table.num_rows for table in source.batches())
    except WatchkeeperError:
        assert not any(rows)
    else:
        assert count == len(rows)
