"""The description of the interface says what the server does."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest

from server.conftest import Serving
from server.test_intake import outcome, prediction


@pytest.fixture(scope="module")
def described(serving: Serving) -> dict[str, Any]:
    found: dict[str, Any] = serving.http.get("/openapi.json").json()
    return found


def body_schema(described: dict[str, Any], name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}", "components": described["components"]}


def test_every_path_is_described_and_answers(serving: Serving, described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    for path, methods in described["paths"].items():
        for method in methods:
            concrete = re.sub(r"\{\w+\}", "m", path.replace("{kind}", "predictions"))
            answer = serving.http.request(method.upper(), concrete)
            assert answer.status_code != 405, path
            assert str(answer.status_code) in methods[method]["responses"], path


@pytest.mark.parametrize(
    ("record", "is_good"),
    [
        (prediction(1, model="described"), True),
        (outcome(1, model="described"), True),
        (prediction(2, model="described", output={"yes": 0.5, "no": 0.5}), True),
        (prediction(3, model="described", latency_seconds=-1), False),
        (prediction(4, model="not a name"), False),
        (prediction(5, model="described", surprise=1), False),
        (prediction(6, model="described", prediction_id=""), False),
        (outcome(7, model="described", label=[1]), False),
        (outcome(8, model="described", label=["crime", "drama"]), True),
        (outcome(9, model="described", label=["crime", "crime"]), False),
    ],
)
def test_the_schema_and_the_server_agree(
    serving: Serving, described: dict[str, Any], record: dict[str, Any], is_good: bool
) -> None:
    answer = serving.post(record)
    assert (answer.status_code == 200) is is_good
    validator = jsonschema.Draft202012Validator(body_schema(described, "RecordsBody"))
    assert validator.is_valid({"records": [record]}) is is_good
    name = "Acknowledgement" if is_good else "Problem"
    jsonschema.validate(answer.json(), body_schema(described, name))
