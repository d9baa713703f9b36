"""Which columns hold what a model said, and what came true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from watchkeeper.errors import DataError, SettingsError, nearest

_PREFIXES = ("output:", "output.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRoles:
    """Columns of labelled predictions.

    Attributes
    ----------
    label
        The truth; null where it is not known.
    output
        What the model said; ``None`` where it gave probabilities by class.
    probabilities
        Column of each class's probability.
    label_time
        When the label became known; ``None``: with the prediction.
    entity
        Whom a prediction is about: rows of one entity are not independent.
    """

    label: str
    output: str | None
    probabilities: Mapping[str, str] = field(default_factory=dict)
    label_time: str | None = None
    entity: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns, each once."""
        named = (self.label, self.output, self.label_time, self.entity)
        return tuple(dict.fromkeys([*filter(None, named), *self.probabilities.values()]))

    @property
    def told_by(self) -> tuple[str, ...]:
        """Columns that tell the task."""
        return tuple(filter(None, (self.label, self.output, *self.probabilities.values())))

    def named(self, table: pa.Table) -> pa.Table:
        """Return outputs and labels, by the names that they have in a store."""
        found = {"label": table.column(self.label)}
        if self.output is not None:
            found["output"] = table.column(self.output)
        for name, column in self.probabilities.items():
            found[f"output:{name}"] = table.column(column)
        return pa.table(found)

    @property
    def came_later(self) -> tuple[str, ...]:
        """Columns that were not known when the model answered."""
        return tuple(filter(None, (self.label, self.label_time)))


def label_roles(
    names: Sequence[str],
    *,
    data: str,
    label: str | None,
    output: str | None = None,
    label_time: str | None = None,
    entity: str | None = None,
) -> LabelRoles | None:
    """Return the roles, ``None`` if no label was named.

    Without a named output the column ``output`` counts, or those named ``output:<class>`` or
    ``output.<class>``.

    Raises
    ------
    DataError
        If a named column does not exist, or nothing tells the output.
    SettingsError
        If something is named that is of use with a label only.
    """
    if label is None:
        given = {"output": output, "label-time": label_time, "entity": entity}
        first = next((name for name, value in given.items() if value is not None), None)
        if first is not None:
            raise SettingsError(f"{first} says something of labels, so name the label too")
        return None
    for column in filter(None, (label, output, label_time, entity)):
        if column not in names:
            raise DataError(f"{data} has no column {column!r}.{nearest(column, names)}")
    probabilities: dict[str, str] = {}
    if output is None and "output" in names:
        output = "output"
    elif output is None:
        probabilities = _probabilities(names)
    if output is None and not probabilities:
        raise DataError(
            f"{data}: no column for what the model said. Name it with output, or have the"
            " probability of each class in a column output:CLASS."
        )
    return LabelRoles(
        label=label,
        output=output,
        probabilities=probabilities,
        label_time=label_time,
        entity=entity,
    )


def _probabilities(names: Iterable[str]) -> dict[str, str]:
    return {
        name.removeprefix(prefix): name
        for name in names
        for prefix in _PREFIXES
        if name.startswith(prefix) and len(name) > len(prefix)
    }
