from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.errors import SettingsError
from watchkeeper.events import Outcome
from watchkeeper.store import (
    Store,
    create_project,
    project_folder,
    project_names,
    require_server_folder,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Store.open(tmp_path / "served").close()
    return tmp_path / "served"


def test_a_project_is_a_store_of_its_own(folder: Path) -> None:
    made = create_project(folder, "search", actor="ada", now=NOW)
    assert project_names(folder) == ["default", "search"]
    assert project_folder(folder, "search") == made
    with Store.open(made) as store:
        store.append([Outcome(model="m", prediction_id="1", time=NOW, label=True)])
    with Store.open(folder) as store:
        assert store.models() == []
        assert [entry.action for entry in store.audit.entries()] == ["project.create"]


@pytest.mark.parametrize("name", ["", "A", "a b", "..", "../x", "a/b", "-a", "é", "a" * 64, "a.b"])
def test_a_name_that_could_leave_the_folder_or_confuse_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(SettingsError, match="small letters"):
        create_project(folder, name, actor="ada", now=NOW)
    with pytest.raises(SettingsError, match="there is no project"):
        project_folder(folder, name)


def test_a_name_is_given_once(folder: Path) -> None:
    create_project(folder, "search", actor="ada", now=NOW)
    for taken in ("search", "default"):
        with pytest.raises(SettingsError, match="already"):
            create_project(folder, taken, actor="ada", now=NOW)


def test_an_unknown_project_is_answered_with_the_nearest(folder: Path) -> None:
    create_project(folder, "search", actor="ada", now=NOW)
    with pytest.raises(SettingsError, match="Did you mean 'search'"):
        project_folder(folder, "serch")


def test_the_store_of_a_project_is_not_taken_for_the_server_s(folder: Path) -> None:
    made = create_project(folder, "search", actor="ada", now=NOW)
    require_server_folder(folder)
    with pytest.raises(SettingsError, match="keys and projects belong to"):
        require_server_folder(made)
