"""Scorers survive being kept, to the last bit."""

from __future__ import annotations

import pytest

from watch.outliers.predictions import fitted, usual
from watchkeeper.errors import StoreError
from watchkeeper.stats import packed
from watchkeeper.watch.outliers import scorer_from_bytes, scorer_to_bytes


def test_a_kept_scorer_gives_the_same_scores_and_the_same_bytes() -> None:
    scorer = fitted(usual(1_000))
    data = scorer_to_bytes(scorer)
    again = scorer_from_bytes(data)
    rows = usual(500, seed=1)
    want, found = scorer.score(rows), again.score(rows)
    assert (found.scores.tolist(), found.columns) == (want.scores.tolist(), want.columns)
    assert (again.columns, again.share, again.rows) == (scorer.columns, scorer.share, scorer.rows)
    assert scorer_to_bytes(again) == data


def test_what_is_damaged_or_no_scorer_is_said_to_be() -> None:
    data = scorer_to_bytes(fitted(usual(200)))
    for wrong in (b"", data[:-1], data[:100] + b"\x00" + data[101:], packed({"rows": 3})):
        with pytest.raises(StoreError):
            scorer_from_bytes(wrong)
