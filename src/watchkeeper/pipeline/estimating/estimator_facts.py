"""By what a model's estimator was fitted, or why it could not be."""

from __future__ import annotations

import msgspec

from watchkeeper.pipeline.opened import open_baseline
from watchkeeper.pipeline.quality.plan import QualityPlan
from watchkeeper.pipeline.quality.seen import PROBABILITY
from watchkeeper.pipeline.quality.task import TaskPlan
from watchkeeper.store import Store

FEATURE = "feature:"
"""Before the names of stored features."""

_USABLE = frozenset({"number", "category", "boolean"})
_OWN = frozenset({"error", "latency_seconds", "cost_usd", "sequence"})
_INPUTS = frozenset({"feature", "segment"})


class EstimatorFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What has to stay as it was for an estimator to hold.

    Attributes
    ----------
    columns
        Stored columns that the model saw, of those that its baseline watches.
    classes
        Of a classifier, in the order of the estimator.
    versions
        Of the model, in the reference's labelled rows.
    labelled
        Rows that it was fitted on.
    digest
        Of these rows' ids and labels.
    why_not
        Why there is no estimator, as a sentence.
    """

    plan: QualityPlan
    task: TaskPlan | None
    columns: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    labelled: int = 0
    digest: str = ""
    why_not: str | None = None

    def to_bytes(self) -> bytes:
        """Return them for the store."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def from_bytes(cls, payload: bytes) -> EstimatorFacts:
        """Read what `to_bytes` wrote."""
        return msgspec.msgpack.decode(payload, type=cls)

    def fits(self, plan: QualityPlan, task: TaskPlan | None) -> bool:
        """Return whether a model is measured by the same plan and task still."""
        return self.plan == plan and self.task == task

    @property
    def read_columns(self) -> tuple[str, ...]:
        """Stored columns to read of each prediction, besides version and variant."""
        return ("output", PROBABILITY, *self.columns)


def input_columns(store: Store, model: str, version: int) -> tuple[str, ...]:
    """Return the stored features that the baseline of a version watches and that can be compared.

    Texts and times are left out.
    """
    schema = open_baseline(store, model, version).setup.schema
    named = [
        name
        for name, column in schema.columns.items()
        if column.role in _INPUTS and column.type in _USABLE and name not in _OWN
    ]
    return tuple(name if name.startswith(FEATURE) else FEATURE + name for name in named)
