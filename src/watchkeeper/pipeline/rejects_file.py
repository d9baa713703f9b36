"""A file of the rows that were set aside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import msgspec

from watchkeeper.errors import UsageError
from watchkeeper.pipeline.rejections import Rejection


class RejectsFile:
    """JSON Lines of file, row, column, reason and the row as it stood; made at the first one.

    Parameters
    ----------
    path
        Where; a file that is there is replaced when there is something to write.
    inputs
        Paths that are read, which it must not replace.

    Raises
    ------
    UsageError
        It would replace one of the inputs.
    """

    def __init__(self, path: Path, *, inputs: Sequence[str] = ()) -> None:
        if path.resolve() in {Path(one).resolve() for one in inputs}:
            raise UsageError(f"{path} is read; set rows aside in another file, with --rejects.")
        self._path = path
        self._file: BinaryIO | None = None

    def write(self, rejection: Rejection) -> None:
        """Add one row."""
        if self._file is None:
            self._file = self._open()
        self._file.write(msgspec.json.encode(rejection) + b"\n")

    def __enter__(self) -> RejectsFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def _open(self) -> BinaryIO:
        try:
            return self._path.open("wb")
        except OSError as error:
            raise UsageError(
                f"Rows cannot be set aside in {self._path} ({error.strerror}). Name another file "
                "with --rejects."
            ) from error
