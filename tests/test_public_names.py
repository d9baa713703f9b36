"""Every room says what it is, and every name it promises exists."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

import pytest

import watchkeeper

ALEMBIC_S = "watchkeeper.store.migrations.env"  # a script that Alembic runs, not a module
FOUND = [
    module
    for module in pkgutil.walk_packages(watchkeeper.__path__, "watchkeeper.")
    if module.name != ALEMBIC_S
]
MODULES = ["watchkeeper", *(module.name for module in FOUND)]
ROOMS = ["watchkeeper", *(module.name for module in FOUND if module.ispkg)]


def promised(module: ModuleType) -> list[str]:
    return list(getattr(module, "__all__", []))


@pytest.mark.parametrize("name", MODULES)
def test_every_promised_name_resolves(name: str) -> None:
    module = importlib.import_module(name)
    missing = [public for public in promised(module) if not hasattr(module, public)]
    assert missing == []


@pytest.mark.parametrize("name", ROOMS)
def test_promised_names_are_listed_once_and_in_order(name: str) -> None:
    names = promised(importlib.import_module(name))
    assert len(names) == len(set(names))
    # Ruff's order: constants, then classes, then functions and modules.
    assert names == sorted(names, key=lambda n: (not n.isupper(), not n[:1].isupper(), n))


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_is(name: str) -> None:
    assert (importlib.import_module(name).__doc__ or "").strip()


def test_a_name_that_is_not_promised_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonesuch"):
        _ = watchkeeper.nonesuch


def test_dir_of_the_package_shows_the_lazy_names() -> None:
    assert set(watchkeeper.__all__) <= set(dir(watchkeeper))
