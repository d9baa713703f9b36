"""What is wrong with a settings file, gathered so that one reading tells all of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from watchkeeper.errors import SettingsError

Path: TypeAlias = tuple[str | int, ...]


def dotted(path: Path) -> str:
    """Return a place as people write it.

    Examples
    --------
    >>> dotted(("events", 0, "from"))
    'events[0].from'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


@dataclass(slots=True, kw_only=True)
class Problems:
    """Problems of one file, by line.

    Attributes
    ----------
    file
        Name of the file, as messages show it.
    lines
        Line of each place that the file holds, from 1.
    kept
        Of each list, which of its members could be read, from 0.
    """

    file: str
    lines: dict[Path, int] = field(default_factory=dict)
    kept: dict[Path, list[int]] = field(default_factory=dict)
    _found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line: int, message: str) -> None:
        """Note a problem at a line."""
        self._found.append((line, message))

    def at(self, path: Path, message: str) -> None:
        """Note a problem with the value at a place; the message goes on from its name."""
        known = next(
            self.lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.lines
        )
        self.add(known, f"{dotted(path)} {message}")

    def place(self, path: Path, at: int) -> Path:
        """Return where the member of a list stands, which came after some that were left out."""
        kept = self.kept.get(path)
        return (*path, at if kept is None else kept[at])

    def __bool__(self) -> bool:
        return bool(self._found)

    def error(self) -> SettingsError:
        """Return all of it as one error, in the order of the lines."""
        lines = [f"{self.file}:{line}: {message}" for line, message in sorted(self._found)]
        if len(lines) == 1:
            return SettingsError(lines[0])
        return SettingsError(f"{len(lines)} settings cannot be used:\n  " + "\n  ".join(lines))
