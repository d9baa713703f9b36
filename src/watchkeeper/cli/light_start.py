"""A quick start for verbs: what none of them uses is not loaded."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import LazyLoader, find_spec, module_from_spec
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_UNUSED = ("f2py", "ma", "polynomial", "testing")


class _NoPandas(MetaPathFinder):
    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        if name == "pandas":
            raise ImportError(name)


def lightly(verb: Callable[P, R]) -> Callable[P, R]:
    """Return a verb that starts light; asking for its help stays as quick as it is."""

    @functools.wraps(verb)
    def light(*args: P.args, **kwargs: P.kwargs) -> R:
        start_light()
        return verb(*args, **kwargs)

    return light


def start_light() -> None:
    """Keep this process from loading what takes longer than most verbs take.

    Notes
    -----
    PyArrow loads pandas, where it is installed, as soon as the first array is made, to know a
    pandas series when it is given one: on the command line nobody can give one. SciPy asks NumPy
    for all of its names, and so loads its Fortran parser, masked arrays, polynomials and test
    tools: they load when something of theirs is used.
    """
    if "pandas" not in sys.modules:
        sys.meta_path.insert(0, _NoPandas())
    import numpy as np

    for name in _UNUSED:
        if f"numpy.{name}" not in sys.modules:
            setattr(np, name, _lazily(f"numpy.{name}"))


def _lazily(name: str) -> object:
    """Return a module that is loaded when it is first asked for something."""
    spec: ModuleSpec | None = find_spec(name)
    assert spec is not None
    assert isinstance(spec.loader, Loader)
    spec.loader = LazyLoader(spec.loader)
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
