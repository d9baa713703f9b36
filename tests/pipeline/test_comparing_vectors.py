"""Vectors and embedded text: told apart when they differ, and only then."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from watchkeeper.errors import DataError
from watchkeeper.pipeline import compare

ROWS = 600


def embedded(seed: int, shift: float = 0.0, rows: int = ROWS) -> pa.Table:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(rows, 16))
    vectors[:, :4] += shift
    return pa.table({"x": rng.normal(size=rows), "vector": list(vectors.astype(np.float32))})


def test_vectors_that_moved_are_told_apart(tmp_path: Path) -> None:
    pq.write_table(embedded(0), tmp_path / "before.parquet", row_group_size=100)
    pq.write_table(embedded(1, 0.5), tmp_path / "after.parquet", row_group_size=77)
    found = compare(tmp_path / "before.parquet", tmp_path / "after.parquet")
    vector = found.vectors["vector"]
    assert vector.drifted
    assert vector.auc_low < vector.auc < vector.auc_high
    assert (vector.dimensions, vector.rows) == (16, 2 * ROWS)
    assert list(found.columns) == ["x"]
    assert (found.dataset.columns, found.dataset.columns_drifted) == (2, 1)
    assert found.dataset.message == "1 of 2 columns drifted: vector."
    assert not [note for note in found.notes if note.startswith("vector")]


def test_vectors_of_one_population_are_not() -> None:
    found = compare(embedded(0), embedded(1))
    assert found.dataset.verdict == "fine"
    assert "no change beyond chance" in found.vectors["vector"].message


def test_a_table_of_nothing_but_vectors() -> None:
    only = [side.select(["vector"]) for side in (embedded(0), embedded(1, 0.5))]
    found = compare(*only)
    assert found.vectors["vector"].drifted
    assert not found.columns
    assert compare(embedded(0), embedded(1, 0.5), columns=["vector"]).vectors["vector"].drifted
    assert not compare(embedded(0), embedded(1, 0.5), ignore=["vector"]).vectors


def test_vectors_of_another_length_or_none_are_nulls() -> None:
    after = embedded(1).to_pylist()
    for place in range(0, ROWS, 4):
        after[place]["vector"] = None if place % 8 else [1.0, 2.0]
    found = compare(embedded(0), pa.Table.from_pylist(after))
    assert found.vectors["vector"].current_null_ratio == pytest.approx(0.25)
    assert found.vectors["vector"].drifted


def texts(topics: list[str], rows: int = ROWS) -> pa.Table:
    rng = np.random.default_rng(len(topics[0]))
    words = ["about", "the", "very", "good", "plain", "new", "old", "nice"]
    return pa.table(
        {
            "question": [
                " ".join([*rng.choice(words, 5), topics[i % len(topics)], str(i)])
                for i in range(rows)
            ]
        }
    )


def model(asked: list[str]) -> np.ndarray:
    """A bag of letters: small, and a real embedding all the same."""
    return np.array([[text.count(chr(97 + i)) for i in range(26)] for text in asked])


def test_text_is_compared_by_its_vectors_where_there_is_a_model() -> None:
    before, after = texts(["cats", "dogs"]), texts(["jazz", "quiz"])
    found = compare(before, after, embed=model)
    assert found.vectors["question"].drifted
    assert "question.length" in found.columns
    same = compare(before, texts(["cats", "dogs"]), embed=model)
    assert not same.vectors["question"].drifted
    assert not compare(before, after).vectors


def test_a_model_that_gives_no_vectors_is_told_what_it_should_give() -> None:
    with pytest.raises(DataError, match="one vector for each of"):
        compare(texts(["cats"]), texts(["dogs"]), embed=lambda asked: [1.0])
