"""What is told of the watch over a model's loss."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from watchkeeper.watch.concept import WatchedLoss


class RiskStep(msgspec.Struct, frozen=True, kw_only=True):
    """Labels one after the other, their mean loss, and the evidence of a rise after them.

    Attributes
    ----------
    start, end
        When the first and the last of them was known.
    evidence_ratio
        1 makes a rise known.
    """

    start: datetime
    end: datetime
    labels: int
    loss: float
    evidence_ratio: float


class Improvement(msgspec.Struct, frozen=True, kw_only=True):
    """The loss fell below what was normal; nobody is called for it."""

    at: datetime
    since: datetime
    before: float
    now: float
    labels: int


class Concept(msgspec.Struct, frozen=True, kw_only=True):
    """The watch over a model's loss, as it stands.

    Attributes
    ----------
    state
        ``learning`` until there are enough labels to hold others against; ``unwatched`` if that
        cannot be, as ``said`` says.
    loss, loss_name, unit
        What is watched.
    normal, now
        The loss that is held for normal, and that of the latest step; ``None`` if not known.
    tolerance
        A rise by less is no drift.
    mean_labels
        Mean number of labels until a false alarm, at least.
    labels, reference_labels, waiting
        Taken in; of the reference; and records that are not looked at yet.
    alarms
        Rises so far.
    incident
        Id of the one that is open.
    steps
        The course, at most 400 steps of as many labels each.
    said
        What cannot be known, in sentences.
    """

    state: Literal["unwatched", "learning", "calm", "risen"]
    loss: WatchedLoss | None = None
    loss_name: str | None = None
    unit: str | None = None
    normal: float | None = None
    now: float | None = None
    tolerance: float = 0.0
    mean_labels: float | None = None
    labels: int = 0
    reference_labels: int = 0
    waiting: int = 0
    alarms: int = 0
    incident: str | None = None
    improvements: tuple[Improvement, ...] = ()
    steps: tuple[RiskStep, ...] = ()
    said: tuple[str, ...] = ()
