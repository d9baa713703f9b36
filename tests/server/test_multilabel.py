"""Lists of labels over HTTP, as JSON and as Arrow: taken, shown and measured."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from sklearn.metrics import f1_score, hamming_loss
from sklearn.preprocessing import MultiLabelBinarizer

from server.conftest import Serving
from server.test_performance import NOON, post, records
from server.test_tables import send, stream
from server.test_watching import until

NAMES = ("comedy", "crime", "drama")


def table(labels: pa.Array) -> bytes:
    ids = [f"p{n}" for n in range(len(labels))]
    time = pa.array([NOON] * len(labels), pa.timestamp("us", "UTC"))
    return stream(pa.table({"prediction_id": ids, "time": time, "label": labels}))


def test_lists_of_labels_are_taken_shown_and_measured(serving: Serving) -> None:
    ids = [f"p{n}" for n in range(40)]
    scores = [
        {name: (7 * n + 3 * at) % 10 / 10 for at, name in enumerate(NAMES)} for n in range(40)
    ]
    truth = [[name for at, name in enumerate(NAMES) if n % (at + 2) == 0] for n in range(40)]
    post(serving, records("prediction", prediction_id=ids, output=scores))
    post(serving, records("outcome", prediction_id=ids[20:], label=truth[20:]))
    answer = send(serving, table(pa.array(truth[:20])), "m", "outcomes")
    assert answer.json()["accepted"] == 20

    def asked() -> dict[str, Any]:
        found: dict[str, Any] = serving.http.get("/v1/models/m/performance").json()
        return found

    until(lambda: bool(asked()["totals"]) and asked()["totals"][0]["labelled"] == 40)
    found = {one["name"]: one["value"] for one in asked()["totals"][0]["metrics"]}
    said = [[name for name, score in one.items() if score >= 0.5] for one in scores]
    y, p = (MultiLabelBinarizer(classes=NAMES).fit_transform(one) for one in (truth, said))
    assert asked()["task"] == "multilabel"
    assert found["hamming_loss"] == pytest.approx(hamming_loss(y, p))
    assert found["macro_f_beta"] == pytest.approx(f1_score(y, p, average="macro"))
    detail = serving.http.get("/v1/models/m/predictions/p6").json()
    assert detail["outcomes"][0]["label"] == ["comedy", "crime"]


@pytest.mark.parametrize(
    ("model", "labels", "wanted"),
    [
        ("twice", pa.array([["a"], ["a", "a"], [], None]), "at most 1,000 different labels"),
        ("numbers", pa.array([[], [1.0], [], None]), "a number, class, boolean or list of texts"),
        ("nulls", pa.array([["a"], ["a", None], ["b"], []]), "texts of 1 to 512 characters"),
    ],
)
def test_a_table_with_wrong_labels_is_told_row_by_row(
    serving: Serving, model: str, labels: pa.Array, wanted: str
) -> None:
    answer = send(serving, table(labels), model, "outcomes").json()
    assert (answer["accepted"], [one["row"] for one in answer["rejected"]]) == (3, [1])
    assert wanted in answer["rejected"][0]["reason"]
