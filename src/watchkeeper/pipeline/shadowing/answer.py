"""What is told of a shadow model."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec


class PairedDifference(msgspec.Struct, frozen=True, kw_only=True):
    """A quantity of both models on the same requests, and how far the shadow's differs.

    Attributes
    ----------
    name, label
        Its name, and that for people.
    unit
        Of its values.
    higher_is_better
        ``None`` where neither direction is.
    live, shadow
        Its value of either model.
    difference, low, high
        Shadow minus live, with its interval at 95 %, from pairs.
    rows
        Requests that it was computed from.
    verdict
        ``better`` or ``worse`` where the interval leaves out 0, else ``alike``; ``different``
        where no direction is better.
    """

    name: str
    label: str
    unit: str
    higher_is_better: bool | None
    live: float | None
    shadow: float | None
    difference: float | None
    low: float | None
    high: float | None
    rows: int
    verdict: Literal["better", "worse", "different", "alike", "unknown"]


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """How alike the answers of both are.

    Attributes
    ----------
    kind
        ``class``: a part of the requests gets the same class; ``number``: how far numbers differ.
    ratio, low, high
        Part of the requests with the same answer, and its interval at 95 %; of classes only.
    mean_difference, mean_distance
        Mean of shadow minus live, and of the distance; of numbers and probabilities.
    correlation
        Between the numbers.
    rows
        Requests that both answered.
    """

    kind: Literal["class", "number"]
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    mean_difference: float | None = None
    mean_distance: float | None = None
    correlation: float | None = None
    rows: int = 0


class Shadow(msgspec.Struct, frozen=True, kw_only=True):
    """A shadow model beside the one that serves.

    Attributes
    ----------
    predictions, shadow_predictions
        Of either model in this time.
    pairs, labelled
        Requests that both have, and those of them with a label.
    one_in
        One in so many requests was looked at.
    metrics
        Of the quality, by labels.
    service
        Latency, cost and errors.
    said
        The verdict first, then what cannot be known, in sentences.
    """

    model: str
    shadow: str
    since: datetime | None
    until: datetime | None
    predictions: int
    shadow_predictions: int
    pairs: int
    labelled: int
    one_in: int
    agreement: Agreement | None
    metrics: tuple[PairedDifference, ...]
    service: tuple[PairedDifference, ...]
    said: tuple[str, ...]


class Shadows(msgspec.Struct, frozen=True, kw_only=True):
    """The shadows of a model."""

    model: str
    shadows: tuple[Shadow, ...]
