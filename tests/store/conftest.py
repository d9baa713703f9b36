from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from watchkeeper.store import Store


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a store that was made and closed, to be copied."""
    folder = tmp_path_factory.mktemp("empty") / "store"
    Store.open(folder).close()
    return folder


@pytest.fixture
def fresh(empty_store: Path, tmp_path: Path) -> Callable[[], Path]:
    """Make folders of empty stores, without the cost of migrating each."""
    made = iter(range(1_000_000))

    def make() -> Path:
        folder = tmp_path / f"store-{next(made)}"
        shutil.copytree(empty_store, folder)
        return folder

    return make


@pytest.fixture
def store(fresh: Callable[[], Path]) -> Iterator[Store]:
    with Store.open(fresh()) as store:
        yield store
