"""Which column of a file is what of a record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import msgspec

from watchkeeper.errors import DataError, nearest

ImportKind: TypeAlias = Literal["prediction", "outcome", "feedback"]

_NAMES: dict[ImportKind, dict[str, str]] = {
    "prediction": {
        "prediction_id": "id",
        "time": "time",
        "entity": "entity",
        "output": "output",
        "label": "label",
        "label_time": "label_time",
        "latency_seconds": "latency",
        "cost_usd": "cost",
        "error": "error",
        "version": "version",
        "variant": "variant",
        "trace_id": "trace_id",
    },
    "outcome": {"prediction_id": "id", "time": "time", "label": "label"},
    "feedback": {
        "feedback_id": "id",
        "time": "time",
        "kind": "feedback_kind",
        "entity": "entity",
        "item": "item",
        "prediction_id": "prediction_id",
        "position": "position",
        "amount": "amount",
    },
}
"""Field of the record: setting that names its column. A column named like the field needs none."""

_REQUIRED: dict[ImportKind, tuple[str, ...]] = {
    "prediction": ("time",),
    "outcome": ("prediction_id", "time", "label"),
    "feedback": ("time", "kind"),
}
_GROUPS = {
    "feature": "features",
    "tag": "tags",
    "output": "output",
    "explanation": "explanation",
}


class ImportMapping(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Names of the columns that hold the fields of a record.

    A setting left out means the column that has the field's own name, if there is one:
    ``prediction_id``, ``time``, ``entity``, ``output``, ``label``, ``latency_seconds``,
    ``cost_usd``, ``error``, ``version``, ``variant``, ``trace_id``; for feedback also
    ``feedback_id``, ``kind``, ``item``, ``position`` and ``amount``.

    Attributes
    ----------
    kind
        What each row is.
    id
        Idempotency key; rows without one get an id made of the file's content and the row number.
    time
        When the model answered (outcome: became known; feedback: happened).
    entity, output, label, label_time, latency, cost, error, version, variant, trace_id
        Columns of a prediction. With ``label``, each row also gives an outcome, at ``label_time``
        or else at ``time``. Latency is in seconds, cost in US dollars.
    version_value, variant_value
        The same version or variant for every row.
    feedback_kind, item, prediction_id, position, amount
        Columns of feedback.
    tags
        Columns that become segment dimensions.
    features
        Columns that become features; ``None`` for all that are nothing else.
    ignore
        Columns to leave out.
    timezone
        Zone of times that name none, for example ``Europe/Zurich``; ``None`` means UTC.
    """

    kind: ImportKind = "prediction"
    id: str | None = None
    time: str | None = None
    entity: str | None = None
    output: str | None = None
    label: str | None = None
    label_time: str | None = None
    latency: str | None = None
    cost: str | None = None
    error: str | None = None
    version: str | None = None
    version_value: str | None = None
    variant: str | None = None
    variant_value: str | None = None
    trace_id: str | None = None
    feedback_kind: str | None = None
    item: str | None = None
    prediction_id: str | None = None
    position: str | None = None
    amount: str | None = None
    tags: tuple[str, ...] = ()
    features: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    timezone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Every column's place in the records.

    Attributes
    ----------
    kind
        What each row is.
    fields
        Field of the record to column.
    features, tags, outputs, explanation
        Name inside the record to column; ``outputs`` are probabilities by class, ``explanation``
        what each feature contributed to the output.
    """

    kind: ImportKind
    fields: Mapping[str, str]
    features: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    explanation: Mapping[str, str] = field(default_factory=dict)

    def columns(self) -> list[str]:
        """Return the columns that are read, each once."""
        groups = (self.fields, self.features, self.tags, self.outputs, self.explanation)
        return list(dict.fromkeys(column for group in groups for column in group.values()))


def assign(mapping: ImportMapping, columns: Iterable[str], *, data: str) -> Roles:
    """Return which column is what.

    Parameters
    ----------
    mapping
        What was asked.
    columns
        Names that the data has. ``feature:x``, ``features.x``, ``tag:x``, ``tags.x``, ``output:x``,
        ``output.x``, ``explanation:x`` and ``explanation.x`` are taken for what they say.
    data
        Name of the data, for messages.

    Raises
    ------
    DataError
        A named column does not exist (the message names the nearest), or a field that the kind
        of record needs has no column.
    """
    names = list(columns)
    fields = {}
    for record_field, setting in _NAMES[mapping.kind].items():
        column = getattr(mapping, setting)
        if column is not None:
            _require(column, names, data, setting)
            fields[record_field] = column
        elif record_field in names and record_field not in mapping.ignore:
            fields[record_field] = record_field
    for missing in (one for one in _REQUIRED[mapping.kind] if one not in fields):
        flag = "--" + _NAMES[mapping.kind][missing].replace("_", "-")
        raise DataError(
            f"{data}: no column for the {missing} of {mapping.kind} records. Name it with {flag} "
            f"COLUMN. {_listed(names)}"
        )
    if mapping.kind != "prediction":
        return Roles(kind=mapping.kind, fields=fields)
    return _prediction_roles(mapping, names, fields, data)


def _prediction_roles(
    mapping: ImportMapping, names: list[str], fields: dict[str, str], data: str
) -> Roles:
    for setting in ("tags", "features", "ignore"):
        for column in getattr(mapping, setting) or ():
            _require(column, names, data, setting)
    taken = {*fields.values(), *mapping.ignore, *mapping.tags, "record", "model"}
    groups: dict[str, dict[str, str]] = {group: {} for group in _GROUPS}
    rest = []
    for name in names:
        group, inner = _grouped(name)
        if name in taken or name.startswith("misfit:"):
            continue
        if group is None or (group == "output" and "output" in fields):
            rest.append(name)
        else:
            groups[group][inner] = name
    if mapping.features is not None:
        features = {_grouped(name)[1]: name for name in mapping.features}
    else:
        features = {**{name: name for name in rest}, **groups["feature"]}
    return Roles(
        kind="prediction",
        fields=fields,
        features=features,
        tags={**groups["tag"], **{_grouped(name)[1]: name for name in mapping.tags}},
        outputs=groups["output"],
        explanation=groups["explanation"],
    )


def _grouped(name: str) -> tuple[str | None, str]:
    """Split ``features.x`` or ``feature:x`` in what it belongs to and ``x``."""
    for group, plural in _GROUPS.items():
        for prefix in (f"{group}:", f"{plural}."):
            if name.startswith(prefix) and len(name) > len(prefix):
                return group, name.removeprefix(prefix)
    return None, name


def _require(column: str, names: list[str], data: str, setting: str) -> None:
    if column not in names:
        raise DataError(f"{data} has no column {column!r} ({setting}).{nearest(column, names)}")


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"Its columns: {shown}."
