"""What a person is told: an incident, the streams that carry it, and how large their change is."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

Kind: TypeAlias = Literal["sudden", "gradual", "incremental", "recurring"]
Cause: TypeAlias = Literal["drift", "rule", "concept"]


class Effect(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How large a change is, in the units of the column and in the usual distances.

    Before is what the baseline expects for the same buckets (season included); after is what the
    incident's buckets showed. Distances compare those two distributions over the profile's bins.
    """

    before_mean: float | None = None
    after_mean: float | None = None
    shift: float | None = None
    shift_sd: float | None = None
    before_null_ratio: float = 0.0
    after_null_ratio: float = 0.0
    unseen_ratio: float = 0.0
    psi: float = 0.0
    jensen_shannon: float = 0.0
    hellinger: float = 0.0
    wasserstein: float | None = None
    kolmogorov_smirnov: float | None = None
    chi_square: float = 0.0
    total_variation: float = 0.0
    l_infinity: float = 0.0
    most_changed: tuple[CategoryChange, ...] = ()


class CategoryChange(msgspec.Struct, frozen=True, kw_only=True):
    """Share of one value (or bin) before and after."""

    value: str
    before_ratio: float
    after_ratio: float


class StreamEvidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One column's part in an incident.

    Attributes
    ----------
    column, segment
        What moved; ``segment`` is ``""`` for all rows, else ``name=value``.
    score
        Evidence of the column's strongest stream, as a multiple of the budget's threshold.
    share
        Part of all the evidence, 0 to 1; largest first.
    significant
        Whether the column would be reported by itself (e-BH over all columns).
    aspect
        Which of the column's streams spoke loudest.
    """

    column: str
    segment: str = ""
    score: float
    share: float
    significant: bool
    aspect: Literal["level", "shape", "relation", "volume", "rule", "loss"]
    effect: Effect


class Incident(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened to a model, however many streams and buckets it spans.

    Its cause is drift of the data, a broken rule, or a loss of the model that rose (concept drift).

    Buckets count from 0 at the first one after the reference. ``since_bucket`` is the estimated
    onset, ``opened_bucket`` the bucket at whose end it was told, ``closed_bucket`` the one at whose
    end the streams had returned, or before which they were ``adopted`` as normal. One that is
    ``withdrawn`` was not found any more when its buckets were judged again with late rows.
    """

    incident_id: str
    cause: Cause
    kind: Kind
    opened_bucket: int
    opened_at: datetime | None
    since_bucket: int
    since: datetime | None
    closed_bucket: int | None
    closed_at: datetime | None
    streams: tuple[StreamEvidence, ...]
    resembles: str | None
    message: str
    adopted: bool = False
    withdrawn: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the incident has not closed yet."""
        return self.closed_bucket is None

    @property
    def severity(self) -> Literal["critical", "warning"]:
        """How bad it is: a broken rule is critical, drift a warning."""
        return "critical" if self.cause == "rule" else "warning"


class NotEnough(msgspec.Struct, frozen=True, kw_only=True):
    """Something that could not be said, and what would be needed to say it."""

    subject: str
    have: str
    need: str
