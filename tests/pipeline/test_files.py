from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from watchkeeper.errors import DataError
from watchkeeper.pipeline import Progress, Rejection, TableSource, open_table

TIME = pa.timestamp("us", "UTC")


def write(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def rows(source: TableSource) -> list[dict[str, object]]:
    return [row for table in source.batches() for row in table.to_pylist()]


def faults(source: TableSource) -> list[tuple[int, str | None]]:
    rows(source)
    return [(one.row, one.column) for one in source.rejections]


def test_parquet_csv_and_jsonl_give_the_same_table(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": [1, 2, 3],
            "x": [0.5, None, -2e10],
            "name": ["a", 'q"uote, and comma', "z"],
            "ok": [True, False, None],
            "at": pa.array([datetime(2020, 1, day, tzinfo=UTC) for day in (1, 2, 3)], TIME),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    text = 'id,x,name,ok,at\n1,.5,a,true,2020-01-01\n2,,"q""uote, and comma",false,2020-01-02\n'
    write(tmp_path / "a.csv", text + "3,-2e10,z,,2020-01-03T00:00:00Z\n")
    lines = [json.dumps({**row, "at": row["at"].isoformat()}) for row in table.to_pylist()]
    write(tmp_path / "a.jsonl", "\n".join(lines))
    for name in ("a.parquet", "a.csv", "a.jsonl"):
        source = open_table(tmp_path / name)
        assert source.schema == table.schema, name
        assert source.rows == 3
        assert list(source.batches()) == [table], name
        assert source.rejections == []


def test_gzip_and_zstd_are_read_by_what_they_are_not_by_their_name(tmp_path: Path) -> None:
    text = b"a,b\n1,x\n2,y\n"
    write(tmp_path / "a.csv.gz", gzip.compress(text))
    write(tmp_path / "b.csv", gzip.compress(text))
    with pa.output_stream(str(tmp_path / "c.csv.zst"), compression="zstd") as stream:
        stream.write(text)
    for name in ("a.csv.gz", "b.csv", "c.csv.zst"):
        assert rows(open_table(tmp_path / name)) == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_the_delimiter_is_found_in_the_header(tmp_path: Path, mark: str) -> None:
    path = write(tmp_path / "a.csv", f'a{mark}"b,;"\n1{mark}x\n')
    assert rows(open_table(path)) == [{"a": 1, "b,;": "x"}]


def test_a_byte_order_mark_blank_lines_and_windows_line_ends_are_no_data(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", b"\xef\xbb\xbf\r\na,b\r\n1,x\r\n\r\n2,y\r\n")
    assert rows(open_table(path)) == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    path = write(tmp_path / "a.jsonl", b'\xef\xbb\xbf\n{"a": 1}\r\n\r\n{"a": 2}')
    assert rows(open_table(path)) == [{"a": 1}, {"a": 2}]


def test_folders_and_patterns_give_their_files_in_order_of_name(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "sub/c.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write(tmp_path / name, f"a\n{name[-5]}\n")
    write(tmp_path / "_SUCCESS", "")
    write(tmp_path / ".hidden.csv", "a\nh\n")
    write(tmp_path / "notes.md", "# no data")
    assert [row["a"] for row in rows(open_table(tmp_path))] == ["a", "b", "c"]
    assert [row["a"] for row in rows(open_table(f"{tmp_path}/*.csv"))] == ["a", "b"]
    assert [row["a"] for row in rows(open_table(f"{tmp_path}/**/*.csv"))] == ["a", "b", "c"]
    both = open_table([tmp_path / "b.csv", tmp_path])
    assert [row["a"] for row in rows(both)] == ["b", "a", "c"]


def test_files_of_different_columns_are_joined_by_name_and_types_widened(tmp_path: Path) -> None:
    write(tmp_path / "1.csv", "a,b\n1,1\n")
    write(tmp_path / "2.csv", "b,a,c\n2.5,2,x\n")
    write(tmp_path / "3.jsonl", '{"b": "text", "a": 3}\n')
    pq.write_table(pa.table({"a": pa.array([4], pa.int8())}), tmp_path / "4.parquet")
    source = open_table(tmp_path)
    assert source.schema.types == [pa.int64(), pa.string(), pa.string()]
    assert rows(source) == [
        {"a": 1, "b": "1", "c": None},
        {"a": 2, "b": "2.5", "c": "x"},
        {"a": 3, "b": "text", "c": None},
        {"a": 4, "b": None, "c": None},
    ]


def test_batches_have_the_asked_size_and_keep_the_order(tmp_path: Path) -> None:
    write(tmp_path / "1.csv", "a\n" + "\n".join(map(str, range(1000))))
    pq.write_table(pa.table({"a": range(1000, 3000)}), tmp_path / "2.parquet", row_group_size=300)
    source = open_table(tmp_path)
    tables = list(source.batches(batch_rows=700))
    assert [table.num_rows for table in tables] == [700, 700, 700, 700, 200]
    assert [value for table in tables for value in table["a"].to_pylist()] == list(range(3000))
    assert rows(source) == rows(source)


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a\n" + "1234567\n" * 1_200_000)
    seen: list[Progress] = []
    assert (
        sum(table.num_rows for table in open_table(path).batches(on_progress=seen.append)) == 1.2e6
    )
    assert len(seen) > 2
    assert [one.rows for one in seen] == sorted(one.rows for one in seen)
    assert (seen[-1].rows, seen[-1].total_rows) == (1_200_000, 1_200_000)
    assert seen[-1].read_bytes == seen[-1].total_bytes == path.stat().st_size


def test_columns_can_be_chosen_and_an_unknown_one_names_the_nearest(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "alpha,beta,when\n1,2,1357016400\n")
    source = open_table(path, columns=["beta"], time_column="when")
    assert rows(source) == [{"beta": 2, "when": datetime(2013, 1, 1, 5, tzinfo=UTC)}]
    with pytest.raises(DataError, match=r"no column 'alpa'\. Did you mean 'alpha'"):
        open_table(path, columns=["alpa"])
    with pytest.raises(DataError, match=r"no column 'wen'\. Did you mean 'when'"):
        open_table(path, time_column="wen")


def test_a_type_holds_though_a_cell_far_down_is_junk(tmp_path: Path) -> None:
    lines = [f"{at},{at / 2}" for at in range(20_000)]
    lines[15_000] = "oops,1.5"
    lines[15_001] = "15001,bad"
    path = write(tmp_path / "a.csv", "a,b\n" + "\n".join(lines))
    source = open_table(path)
    assert source.schema.types == [pa.int64(), pa.float64()]
    assert len(rows(source)) == 19_998
    assert faults(source) == [(15_001, "a"), (15_002, "b")]
    assert source.rejections[0].reason == "a whole number was expected, 'oops' came"
    assert source.rejections[0].raw == "oops,1.5"


def test_junk_cells_can_be_nulls_or_misfits_instead(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,b\n" + "1,x\n" * 30 + "oops,y\n")
    source = open_table(path, bad_cells="null")
    assert rows(source)[-1] == {"a": None, "b": "y"}
    assert [(one.row, one.column) for one in source.rejections] == [(31, "a")]
    assert rows(open_table(path, bad_cells="misfit"))[-1] == {
        "a": None,
        "b": "y",
        "misfit:a": "oops",
    }


def test_a_whole_number_column_with_a_fraction_far_down_is_numbers(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a\n" + "1\n" * 20_000 + "1.5\n")
    assert open_table(path).schema.types == [pa.float64()]


def test_codes_that_begin_with_zero_stay_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "zip,n\n" + "01234,0\n94110,10\n" * 20)
    assert open_table(path).schema.types == [pa.string(), pa.int64()]


def test_missing_values_are_null_and_quoted_ones_are_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'n,s\n1,NA\nNA,"NA"\n"",""\nnan,None\n4,é\n')
    assert rows(open_table(path)) == [
        {"n": 1, "s": None},
        {"n": None, "s": "NA"},
        {"n": None, "s": ""},
        {"n": None, "s": None},
        {"n": 4, "s": "é"},
    ]


def test_rows_over_several_lines_are_one_row(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'a,b\n1,"x\ny"\n2,"one ""quoted""\n\nthing"\n3,z\n')
    expected = [{"a": 1, "b": "x\ny"}, {"a": 2, "b": 'one "quoted"\n\nthing'}, {"a": 3, "b": "z"}]
    assert rows(open_table(path)) == expected


def test_a_row_that_is_cut_by_a_block_is_one_row(tmp_path: Path) -> None:
    text = '"' + "long text\n" * 50_000 + '"'
    path = write(tmp_path / "a.csv", "a,b\n" + f"1,{text}\n" * 20)
    assert [row["a"] for row in rows(open_table(path))] == [1] * 20


def test_ragged_rows_are_set_aside_with_their_numbers(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,b\n1,x\n2\n\n3,y,z\n4,w\n")
    source = open_table(path)
    assert [row["a"] for row in rows(source)] == [1, 4]
    assert source.rejections == [
        Rejection(
            file=str(path), row=2, column=None, reason="2 fields were expected, 1 came", raw="2"
        ),
        Rejection(
            file=str(path),
            row=3,
            column=None,
            reason="2 fields were expected, 3 came",
            raw="3,y,z",
        ),
    ]


def test_a_quotation_mark_that_is_never_closed_costs_its_own_row_only(tmp_path: Path) -> None:
    lines = [f'{at},"name {at}"' for at in range(300_000)]
    lines[1000] = '1000,"name'
    path = write(tmp_path / "a.csv", "a,b\n" + "\n".join(lines) + "\n")
    source = open_table(path)
    assert len(rows(source)) == 299_999
    assert faults(source) == [(1001, None)]
    assert "quotation mark" in source.rejections[0].reason


def test_nul_bytes_and_other_encodings_cost_their_row_and_tell_the_byte(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", b"a,b\n1,x\n2,\0\n3,Z\xfcrich\n4,y\n")
    source = open_table(path)
    assert [row["a"] for row in rows(source)] == [1, 4]
    assert faults(source) == [(2, None), (3, None)]
    assert "NUL byte stands at byte 10" in source.rejections[0].reason
    assert "byte 15 of the file, b'\\xfc', is not UTF-8" in source.rejections[1].reason


def test_broken_lines_and_non_objects_of_jsonl_are_set_aside(tmp_path: Path) -> None:
    lines = ['{"a": 1}', "{broken", "[1, 2]", "3", '{"a": 2}', '{"a": "\\ud800"}', '{"a": NaN}']
    source = open_table(write(tmp_path / "a.jsonl", "\n".join(lines)))
    assert rows(source) == [{"a": 1.0}, {"a": 2.0}, {"a": None}]
    assert faults(source) == [(2, None), (3, None), (4, None), (6, None)]


def test_json_values_of_another_type_are_bad_cells(tmp_path: Path) -> None:
    lines = ['{"a": 1, "b": true}'] * 200 + ['{"a": "one", "b": 1}', '{"a": [1], "b": null}']
    source = open_table(write(tmp_path / "a.jsonl", "\n".join(lines)))
    assert source.schema.types == [pa.int64(), pa.bool_()]
    assert len(rows(source)) == 200
    assert faults(source) == [(201, "a"), (202, "a")]
    assert "column 'b': true or false was expected, '1' came" in source.rejections[0].reason


def test_nested_objects_get_dotted_names_and_lists_stay_lists(tmp_path: Path) -> None:
    line = '{"features": {"age": 3, "deep": {"x": "y"}}, "vector": [1, 2.5], "top": ["a", "b"]}'
    assert rows(open_table(write(tmp_path / "a.jsonl", line))) == [
        {"features.age": 3, "features.deep.x": "y", "vector": [1.0, 2.5], "top": ["a", "b"]}
    ]


def test_a_key_that_appears_late_is_a_column_from_the_start(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"a": 1}\n' * 1000 + '{"b": 2}\n')
    assert rows(open_table(path))[-1] == {"a": None, "b": 2}


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.csv", b"", r"a\.csv is empty \(0 bytes\)"),
        ("a.parquet", b"", "is empty"),
        ("a.csv", gzip.compress(b"", mtime=0), "empty once decompressed"),
        ("a.csv", b"\n\n", "has no columns"),
        ("a.csv", b"a,b\n", r"has a header \(a, b\) but no row"),
        ("a.csv", b"a,b\n1\n", "Row 1: 2 fields were expected, 1 came"),
        ("a.csv", b"a,b,a\n1,2,3\n", "more than one column named 'a'"),
        ("a.csv", b"1.5,2020-01-01\n2.5,2020-01-02\n", "has no header: its first line"),
        ("a.csv", b"17,abc,2.5\n18,abc,3.5\n", "has no header"),
        ("a.csv", bytes(range(256)) * 20, "is binary"),
        ("a.jsonl", b"\x89PNG\r\n\x1a\n\0\0\0", "a PNG image"),
        ("a.csv", "a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        ("a.csv", "a,b\n1,2\n".encode("utf-16-le"), "is binary"),
        ("a.csv", b"na\xefve,b\n1,2\n", "not UTF-8: byte 2 of the header"),
        ("a.csv", b"a,b\r1,2\r", "ends its lines with"),
        ("a.csv", b"PK\x03\x04abc", "ZIP archive"),
        ("a.parquet", b"a,b\n1,2\n", "is named Parquet but begins with b'a,b"),
        ("a.parquet", b"PAR1 and then nothing", "cut short or damaged"),
        ("a.csv.gz", gzip.compress(b"a,b\n1,2\n" * 9, mtime=0)[:12], "a.csv.gz"),
        ("a.jsonl", b"{bad\n", "no JSON object on any line. Row 1"),
        ("a.jsonl", b'[{"a": 1}]', "jq -c"),
        ("a.jsonl", b"{}\n{}\n", "has no columns"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        list(open_table(write(tmp_path / name, data)).batches())


def test_a_missing_file_names_the_nearest_in_its_folder(tmp_path: Path) -> None:
    write(tmp_path / "flights.csv", "a\n1\n")
    with pytest.raises(DataError, match=r"does not exist\. Did you mean 'flights\.csv'"):
        open_table(tmp_path / "flight.csv")
    with pytest.raises(DataError, match="Nor does its folder"):
        open_table(tmp_path / "nowhere" / "flight.csv")
    with pytest.raises(DataError, match="No file matches"):
        open_table(f"{tmp_path}/*.parquet")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no data files"):
        open_table(tmp_path / "empty")


def test_empty_column_names_get_their_place(tmp_path: Path) -> None:
    assert rows(open_table(write(tmp_path / "a.csv", ",x\n0,y\n"))) == [{"column_1": 0, "x": "y"}]


def test_names_that_are_numbers_in_order_are_a_header(tmp_path: Path) -> None:
    assert rows(open_table(write(tmp_path / "a.csv", "0,1\n5,6\n"))) == [{"0": 5, "1": 6}]


def test_parquet_under_another_name_is_read_as_parquet(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "a.csv")
    assert rows(open_table(tmp_path / "a.csv")) == [{"a": 1}]


def test_truncated_parquet_is_refused_at_every_length(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": range(1000)}), tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    for length in range(4, len(whole), 97):
        with pytest.raises(DataError, match=r"cut\.parquet is cut short or damaged"):
            open_table(write(tmp_path / "cut.parquet", whole[:length]))


def test_a_damaged_row_group_costs_its_own_rows_only(tmp_path: Path) -> None:
    table = pa.table({"a": [f"text {at * 7919 % 104729}" * 3 for at in range(3000)]})
    path = tmp_path / "a.parquet"
    pq.write_table(
        table,
        path,
        row_group_size=1000,
        write_page_checksum=True,
        compression="zstd",
        use_dictionary=False,
    )
    data = bytearray(path.read_bytes())
    start = pq.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    for at in range(start + 40, start + 900):
        data[at] = 0xFF
    source = open_table(write(path, bytes(data)))
    assert len(rows(source)) == 2000
    assert faults(source) == [(1001, None)]
    assert "rows 1001 to 2000 cannot be read" in source.rejections[0].reason


def test_a_compressed_file_cut_short_gives_the_rows_before_the_cut(tmp_path: Path) -> None:
    lines = "".join(f"{at},{at * 7919 % 104729}\n" for at in range(200_000))
    packed = gzip.compress(b"a,b\n" + lines.encode())
    source = open_table(write(tmp_path / "a.csv.gz", packed[: len(packed) * 9 // 10]))
    assert len(rows(source)) > 1000
    assert "breaks off" in source.rejections[-1].reason


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_wrong_types_name_row_and_column(tmp_path: Path, name: str) -> None:
    good = "1,2\n" if name == "a.csv" else '{"a": 1, "b": 2}\n'
    bad = "1,two\n" if name == "a.csv" else '{"a": 1, "b": "two"}\n'
    header = "a,b\n" if name == "a.csv" else ""
    source = open_table(write(tmp_path / name, header + good * 40 + bad + good * 40))
    assert len(rows(source)) == 80
    assert faults(source) == [(41, "b")]


def test_nan_and_infinity_are_numbers(tmp_path: Path) -> None:
    values = "1.5\nNaN\ninf\n-Infinity\n"
    expected = [1.5, None, float("inf"), float("-inf")]
    read = rows(open_table(write(tmp_path / "a.csv", "a,b\n" + values.replace("\n", ",x\n"))))
    assert [row["a"] for row in read] == expected
    lines = "".join(f'{{"a": {one}}}\n' for one in ("1.5", "NaN", "Infinity", "-Infinity"))
    assert [row["a"] for row in rows(open_table(write(tmp_path / "a.jsonl", lines)))] == expected


def test_huge_integers_do_not_wrap_around(tmp_path: Path) -> None:
    huge = 10**30
    path = write(tmp_path / "a.csv", f"a\n1\n{huge}\n")
    assert [row["a"] for row in rows(open_table(path))] == [1.0, 1e30]
    path = write(tmp_path / "a.jsonl", f'{{"a": 1}}\n{{"a": {huge}}}\n')
    assert [row["a"] for row in rows(open_table(path))] == [1.0, 1e30]
    path = write(tmp_path / "b.jsonl", '{"a": 1}\n' * 30 + f'{{"a": {10**400}}}\n')
    assert faults(open_table(path)) == [(31, "a")]
    pq.write_table(pa.table({"a": pa.array([2**64 - 1, 1], pa.uint64())}), tmp_path / "a.parquet")
    assert [row["a"] for row in rows(open_table(tmp_path / "a.parquet"))] == [2.0**64, 1.0]


def test_mixed_time_zones_become_utc(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "t\n2020-01-01T00:00:00-05:00\n2020-01-01 05:00:00Z\n")
    assert rows(open_table(path)) == [{"t": datetime(2020, 1, 1, 5, tzinfo=UTC)}] * 2


def test_a_time_that_the_clocks_skipped_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "t\n" + "2024-03-31 01:00\n" * 30 + "2024-03-31 02:30\n")
    source = open_table(path, timezone="Europe/Zurich")
    assert faults(source) == [(31, "t")]
    assert "does not exist in Europe/Zurich" in source.rejections[0].reason


def test_categories_of_ten_thousand_characters_are_kept_whole(tmp_path: Path) -> None:
    long = "é" * 10_000
    for name, data in (("a.csv", f"a,b\n1,{long}\n"), ("a.jsonl", f'{{"a": 1, "b": "{long}"}}')):
        assert rows(open_table(write(tmp_path / name, data))) == [{"a": 1, "b": long}]


def test_columns_without_any_value_have_no_type(tmp_path: Path) -> None:
    source = open_table(write(tmp_path / "a.csv", "a,b\n1,\n2,\n"))
    assert source.schema.field("b").type == pa.null()
    assert rows(source) == [{"a": 1, "b": None}, {"a": 2, "b": None}]


def test_parquet_types_become_the_few_that_are_used_inside(tmp_path: Path) -> None:
    from decimal import Decimal

    table = pa.table(
        {
            "small": pa.array([1], pa.int8()),
            "half": pa.array([0.5], pa.float32()),
            "money": [Decimal("1.25")],
            "kind": pa.array(["x"]).dictionary_encode(),
            "day": pa.array([datetime(2020, 1, 1)], pa.date32()),
            "took": pa.array([1500], pa.duration("ms")),
            "vector": pa.array([[1, 2]], pa.list_(pa.int32())),
            "nested": [{"a": 1}],
            "bytes": [b"abc"],
            "clock": pa.array([3600], pa.time32("s")),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    assert rows(open_table(tmp_path / "a.parquet")) == [
        {
            "small": 1,
            "half": 0.5,
            "money": 1.25,
            "kind": "x",
            "day": datetime(2020, 1, 1, tzinfo=UTC),
            "took": 1.5,
            "vector": [1.0, 2.0],
            "nested": '{"a":1}',
            "bytes": "abc",
            "clock": "01:00:00.000",
        }
    ]


def test_bytes_that_are_no_text_are_bad_cells_of_parquet(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1, 2], "b": [b"ok", b"\xff"]}), tmp_path / "a.parquet")
    source = open_table(tmp_path / "a.parquet")
    assert rows(source) == [{"a": 1, "b": "ok"}]
    assert faults(source) == [(2, "b")]


def test_a_file_whose_every_row_is_bad_says_the_first_reason(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "t,x\n" + "soon,1\n" * 3)
    with pytest.raises(DataError, match=r"every row was set aside.*row 1, column 't': a time"):
        list(open_table(path, time_column="t").batches())


def test_at_most_ten_thousand_rejections_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,b\n" + "1,2\n" + "1\n" * 11_000)
    source = open_table(path)
    told: list[Rejection] = []
    for _ in source.numbered(on_rejection=told.append):
        pass
    assert (len(source.rejections), source.rejected, len(told)) == (10_000, 11_000, 11_000)
