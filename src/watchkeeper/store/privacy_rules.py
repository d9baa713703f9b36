"""The privacy that is in force, model by model, as a writer to the store must know it."""

from __future__ import annotations

import sqlalchemy as sa

from watchkeeper.events import OperatingSettings, PrivacySettings
from watchkeeper.store.database import Database
from watchkeeper.store.operating import MODEL_SCOPE, Operating
from watchkeeper.store.privacy import PrivateColumns
from watchkeeper.store.tables import settings


class PrivacyRules:
    """One process's view of the rules, brought up to date in every transaction that stores.

    So a revision holds from the transaction that puts it in force, whoever writes: what was
    prepared before and is committed after is written out anew.
    """

    def __init__(self, database: Database, operating: Operating) -> None:
        self._database = database
        self._operating = operating
        self._revision = -1
        self._settings: dict[str, PrivacySettings] = {}
        self._made: dict[str, PrivateColumns] = {}

    def of(self, model: str) -> PrivateColumns | None:
        """Return the private columns of a model as far as is known, ``None`` if it has none.

        Raises
        ------
        StoreError
            If columns are hashed and the key is missing.
        """
        if self._revision < 0:
            with self._database.reading() as connection:
                self.refresh(connection)
        found = self._settings.get(model)
        if found is None:
            return None
        made = self._made.get(model)
        if made is None:
            key = self._operating.key() if found.hash else b""
            made = self._made[model] = PrivateColumns(found, key)
        return made

    def refresh(self, connection: sa.Connection) -> None:
        """Learn what was put in force meanwhile; a look at one number if nothing was."""
        newest = connection.exec_driver_sql("SELECT max(number) FROM settings").scalar() or 0
        if newest == self._revision:
            return
        found = _in_force(connection)
        self._made = {m: made for m, made in self._made.items() if self._is_as_was(m, found)}
        self._settings = found
        self._revision = int(newest)

    def _is_as_was(self, model: str, found: dict[str, PrivacySettings]) -> bool:
        return model in found and found[model] == self._settings[model]


def _in_force(connection: sa.Connection) -> dict[str, PrivacySettings]:
    newest = sa.select(sa.func.max(settings.c.number)).group_by(settings.c.scope)
    query = sa.select(settings.c.scope, settings.c.payload).where(
        settings.c.number.in_(newest), settings.c.scope.startswith(MODEL_SCOPE, autoescape=True)
    )
    found: dict[str, PrivacySettings] = {}
    for row in connection.execute(query):
        privacy = OperatingSettings.from_bytes(row.payload).privacy
        if privacy is not None and privacy.columns:
            found[row.scope.removeprefix(MODEL_SCOPE)] = privacy
    return found
