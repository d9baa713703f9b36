"""Settings of a model that the store and the server act by while they run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from watchkeeper.events.business_settings import BusinessMetric
from watchkeeper.events.costs import CostSettings
from watchkeeper.events.objectives import ObjectiveSettings
from watchkeeper.events.quality_settings import QualitySettings


class MaskRule(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """How much of a text stays; everything else becomes three asterisks, whatever its length.

    Attributes
    ----------
    keep_first
        So many characters of the beginning stay; of a text that is not longer than what would
        stay in all, nothing does. Left out: 0.
    keep_last
        So many characters of the end stay. Left out: 0.
    keep
        domain keeps what follows the last @ of an e-mail address, and nothing of other texts.
    """

    keep_first: int = 0
    keep_last: int = 0
    keep: Literal["domain"] | None = None


class PrivacySettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a record is changed before anything of it is stored.

    A column is entity, error, item, label, output or trace_id, or else the name of a feature or
    tag; feature:<name> and tag:<name> mean only the one.

    Attributes
    ----------
    hash
        Columns whose values become a keyed hash: equal values stay equal, and nobody can tell them
        without the key.
    drop
        Columns that are left out.
    mask
        Columns of which a part stays, each with how much.
    """

    hash: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    mask: dict[str, MaskRule] = {}

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is named, as often as it is."""
        return (*self.hash, *self.drop, *self.mask)


class RetentionSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """How long what is stored is kept, by the time of the event.

    Attributes
    ----------
    events
        Predictions, outcomes and feedback that are older are removed: 90d. Left out: never.
    profiles
        Profiles of buckets that ended earlier are removed: 400d. Left out: never.
    """

    events: Annotated[str, Meta(extra_json_schema={"examples": ["90d"]})] | None = None
    profiles: Annotated[str, Meta(extra_json_schema={"examples": ["400d"]})] | None = None


class OperatingSettings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Settings of one model that are put in force in a store with `watchkeeper apply`.

    Attributes
    ----------
    privacy
        What is changed before storage.
    retention
        How long what is stored is kept.
    objectives
        What the service is held against.
    costs
        What predictions cost where they do not say, and what a month may cost.
    quality
        What is predicted, and by what it is measured once labels come.
    business
        What people do with the predictions, as ratios.
    shadow_of
        The model whose traffic this one sees too, without serving its answers.
    """

    privacy: PrivacySettings | None = None
    retention: RetentionSettings | None = None
    objectives: tuple[ObjectiveSettings, ...] = ()
    costs: CostSettings | None = None
    quality: QualitySettings | None = None
    business: tuple[BusinessMetric, ...] = ()
    shadow_of: str | None = None

    def to_bytes(self) -> bytes:
        """Return canonical JSON: equal settings give equal bytes."""
        return msgspec.json.encode(self, order="sorted")

    @classmethod
    def from_bytes(cls, payload: bytes) -> OperatingSettings:
        """Read what `to_bytes` wrote; what a newer version added is left out."""
        return msgspec.json.decode(payload, type=cls)

    def changes_from(self, other: OperatingSettings) -> list[str]:
        """Return a line for every setting that differs from another's, in order of the names.

        Examples
        --------
        >>> before = OperatingSettings(retention=RetentionSettings(events="30d"))
        >>> after = OperatingSettings(
        ...     retention=RetentionSettings(events="90d"), privacy=PrivacySettings(drop=("name",))
        ... )
        >>> after.changes_from(before)
        ['privacy.drop: now name', 'retention.events: 30d becomes 90d']
        """
        old, new = _flat(msgspec.to_builtins(other)), _flat(msgspec.to_builtins(self))
        return [
            _told(name, old.get(name), new.get(name))
            for name in sorted(old.keys() | new.keys())
            if old.get(name) != new.get(name)
        ]


def _flat(value: object, path: str = "") -> dict[str, str]:
    if isinstance(value, Mapping) and value:
        found: dict[str, str] = {}
        for name, one in value.items():
            found |= _flat(one, f"{path}.{name}" if path else str(name))
        return found
    if isinstance(value, Mapping) or value is None:
        return {}
    if isinstance(value, list | tuple):
        return {path: ", ".join(_shown(one) for one in value)}
    return {path: _shown(value)}


def _shown(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _told(name: str, old: str | None, new: str | None) -> str:
    if old is None:
        return f"{name}: now {new}"
    return f"{name}: {old} becomes {new}" if new is not None else f"{name}: no longer {old}"
