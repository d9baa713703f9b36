"""Which columns of a side hold predictions and labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from watchkeeper.errors import DataError, SettingsError, nearest
from watchkeeper.pipeline.column_reader import ColumnReader
from watchkeeper.pipeline.quality.seen import PROBABILITY

_PREFIXES = (PROBABILITY, "output.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedColumns:
    """Columns as they are named to `compare`.

    Parameters
    ----------
    label
        What came true.
    output
        The prediction. ``None``: the column ``output``, or probabilities by class in columns
        ``output:<class>``.
    entity
        Whom a row is about: rows of one entity depend on each other.
    """

    label: str
    output: str | None = None
    entity: str | None = None

    @classmethod
    def of(cls, output: str | None, label: str | None, entity: str | None) -> NamedColumns | None:
        """Return what was named, ``None`` if nothing was.

        Raises
        ------
        SettingsError
            If a prediction or an entity is named and no label.
        """
        if label is None:
            if output is None and entity is None:
                return None
            named = "output" if output is not None else "entity"
            raise SettingsError(
                f"Expected a label beside the {named}, got none: name the column of what came true"
                " with label (--label), or leave both out."
            )
        return cls(label=label, output=output, entity=entity)

    def read(self, reader: ColumnReader, further: Sequence[str] = ()) -> pa.Table:
        """Return a side's predictions and labels, named as they are stored.

        Parameters
        ----------
        further
            Columns to read beside them, under their own names; those missing are left out.

        Raises
        ------
        DataError
            If a named column does not exist, or there is none of predictions.
        """
        roles = dict(self._roles(reader))
        roles.update((name, name) for name in further if name in reader.names)
        read = reader.columns(list(dict.fromkeys(roles.values())))
        return pa.table({role: read.column(name) for role, name in roles.items()})

    def taken(self, reader: ColumnReader) -> set[str]:
        """Return the columns of a side that are no inputs."""
        return {name for _, name in self._roles(reader)}

    def _roles(self, reader: ColumnReader) -> Iterator[tuple[str, str]]:
        yield "label", self._existing(reader, "label", self.label)
        if self.entity is not None:
            yield "entity", self._existing(reader, "entity", self.entity)
        if self.output is not None:
            yield "output", self._existing(reader, "output", self.output)
        elif "output" in reader.names:
            yield "output", "output"
        else:
            yield from self._probabilities(reader)

    def _probabilities(self, reader: ColumnReader) -> Iterator[tuple[str, str]]:
        found = {
            PROBABILITY + name.removeprefix(prefix): name
            for name in reader.names
            for prefix in _PREFIXES
            if name.startswith(prefix) and len(name) > len(prefix)
        }
        if not found:
            raise DataError(
                f"{reader.source.name} has no column of predictions: name it with output"
                " (--output); or call it output, or output:<class> for each class's probability."
            )
        yield from found.items()

    def _existing(self, reader: ColumnReader, what: str, name: str) -> str:
        if name not in reader.names:
            raise DataError(
                f"{reader.source.name} has no column {name!r} ({what})."
                f"{nearest(name, reader.names)}"
            )
        return name
