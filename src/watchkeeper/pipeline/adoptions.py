"""Which incidents become the new normal before which bucket, as people decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchkeeper.store import Decision, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoptions:
    """The adoptions of a baseline's incidents at one moment.

    Attributes
    ----------
    up_to
        Number of the newest, 0 without any.
    by_bucket
        Ids of incidents by the bucket before which they are adopted.
    """

    up_to: int
    by_bucket: dict[int, tuple[str, ...]]

    def before(self, bucket: int) -> tuple[str, ...]:
        """Return the ids of incidents that are adopted before a bucket."""
        return self.by_bucket.get(bucket, ())


def adoptions_of(store: Store, model: str, version: int) -> Adoptions:
    """Return what was adopted so far."""
    return _arranged(store.decisions.adoptions(model, version))


def _arranged(decided: Sequence[Decision]) -> Adoptions:
    by_bucket: dict[int, tuple[str, ...]] = {}
    for one in decided:
        by_bucket[one.at_bucket] = (*by_bucket.get(one.at_bucket, ()), one.incident_id)
    return Adoptions(up_to=max((one.number for one in decided), default=0), by_bucket=by_bucket)
