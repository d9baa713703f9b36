"""Records and tables for the tests of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from watchkeeper.events import Feedback, Outcome, Prediction

START = datetime(2026, 3, 1, tzinfo=UTC)


def prediction(identity: str, seconds: float = 0.0, **fields: Any) -> Prediction:
    given = {"model": "m", "time": START + timedelta(seconds=seconds)} | fields
    return Prediction(prediction_id=identity, **given)


def outcome(identity: str, label: Any, seconds: float = 0.0, model: str = "m") -> Outcome:
    time = START + timedelta(seconds=seconds)
    return Outcome(model=model, prediction_id=identity, time=time, label=label)


def feedback(identity: str, seconds: float = 0.0, **fields: Any) -> Feedback:
    given = {"model": "m", "kind": "click", "time": START + timedelta(seconds=seconds)} | fields
    return Feedback(feedback_id=identity, **given)


def predictions(identities: Sequence[str], **fields: Any) -> list[Prediction]:
    return [prediction(identity, n, **fields) for n, identity in enumerate(identities)]
