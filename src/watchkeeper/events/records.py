"""The records that enter Watchkeeper: predictions, outcomes and feedback."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

FeatureValue: TypeAlias = bool | int | float | str | datetime | list[float] | None
# What `validate` asks for, in the words of JSON Schema, for the description of the API.
ModelName: TypeAlias = Annotated[
    str, Meta(extra_json_schema={"pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"})
]
Identity: TypeAlias = Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": 512})]
Moment: TypeAlias = Annotated[datetime, Meta(extra_json_schema={"format": "date-time"})]
Amount: TypeAlias = Annotated[float, Meta(extra_json_schema={"minimum": 0})]
Rank: TypeAlias = Annotated[int, Meta(extra_json_schema={"minimum": 0, "maximum": 2**63 - 1})]
# What a feature contributed to an output; null, as JSON writes NaN, where that is not known.
Contribution: TypeAlias = float | None
Labels: TypeAlias = Annotated[
    list[Identity], Meta(extra_json_schema={"maxItems": 1_000, "uniqueItems": True})
]
Label: TypeAlias = bool | int | float | str | Labels | None
Output: TypeAlias = bool | int | float | str | dict[str, float] | list[str] | None


class Prediction(msgspec.Struct, frozen=True, kw_only=True, tag="prediction", tag_field="record"):
    """One answer of a model, with what it saw and what it took.

    Attributes
    ----------
    model
        Name of the monitored model.
    prediction_id
        Idempotency key, unique within the model: a second prediction with the same key is ignored.
    time
        When the model answered; aware.
    features
        Inputs by name: number, text, boolean, category, null, time stamp or embedding.
    output
        A number, a class, probabilities by class or by label, a ranked list of items, or the
        labels that apply.
    version, variant
        Version of the model; arm of a canary or an experiment.
    entity
        Who or what it is about, for example a user id.
    latency_seconds, cost_usd
        How long it took and what it cost.
    error
        Text of the failure, if it failed.
    tags
        Segment dimensions, for example ``{"country": "CH"}``.
    trace_id
        OpenTelemetry trace this belongs to.
    explanation
        What each feature contributed to the output, by its name, for example its SHAP value.
    """

    model: ModelName
    prediction_id: Identity
    time: Moment
    features: dict[str, FeatureValue] = {}
    output: Output = None
    version: str = ""
    variant: str = ""
    entity: str | None = None
    latency_seconds: Amount | None = None
    cost_usd: Amount | None = None
    error: str | None = None
    tags: dict[str, str] = {}
    trace_id: str | None = None
    explanation: dict[str, Contribution] | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True, tag="outcome", tag_field="record"):
    """What really happened; arrives any time, before or after its prediction.

    Attributes
    ----------
    model, prediction_id
        The prediction it belongs to. The outcome with the latest ``time`` wins.
    time
        When the outcome became known; aware.
    label
        True class or value; of a multilabel task the labels that apply, none if it is empty.
    """

    model: ModelName
    prediction_id: Identity
    time: Moment
    label: Label = None


class Feedback(msgspec.Struct, frozen=True, kw_only=True, tag="feedback", tag_field="record"):
    """What an entity did with an item.

    Attributes
    ----------
    feedback_id
        Idempotency key, unique within the model.
    kind
        For example ``impression``, ``click``, ``play`` or ``skip``.
    position
        Rank at which the item was shown, from 0.
    amount
        Size in the unit of the kind, for example seconds listened.
    """

    model: ModelName
    feedback_id: Identity
    time: Moment
    kind: Identity
    entity: str | None = None
    item: str | None = None
    prediction_id: str | None = None
    position: Rank | None = None
    amount: float | None = None


Record: TypeAlias = Prediction | Outcome | Feedback
