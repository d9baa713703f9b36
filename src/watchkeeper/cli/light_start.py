"""A quick start for verbs that only read files."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder


class _NoPandas(MetaPathFinder):
    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        if name == "pandas":
            raise ImportError(name)


def without_pandas() -> None:
    """Keep pandas from being loaded in this process.

    PyArrow loads it, where it is installed, as soon as the first array is made, to know a pandas
    series when it is given one. That takes longer than comparing two small files, and on the
    command line nobody can give one.
    """
    if "pandas" not in sys.modules:
        sys.meta_path.insert(0, _NoPandas())
