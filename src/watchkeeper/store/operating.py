"""Operating settings: what people put in force for a model, and the key they may need."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from watchkeeper.errors import SettingsError, StoreError
from watchkeeper.events import (
    MODEL_NAME,
    OperatingSettings,
    PrivacySettings,
    SettingFault,
    business_faults,
    cost_faults,
    objective_faults,
    privacy_faults,
    quality_faults,
)
from watchkeeper.metrics.quality import METRICS
from watchkeeper.store.privacy import PrivateColumns
from watchkeeper.store.secret_key import SecretKey, fingerprint
from watchkeeper.store.settings_log import SettingsLog

MODEL_SCOPE: Final = "model:"
_KEY: Final = "privacy-key"


class Operating:
    """The operating settings of one project's models."""

    def __init__(self, settings: SettingsLog, folder: Path) -> None:
        self._settings = settings
        self._secret = SecretKey(folder)

    def in_force(self, model: str) -> OperatingSettings:
        """Return what is in force for a model; without any, nothing is set."""
        saved = self._settings.get(MODEL_SCOPE + model)
        return OperatingSettings() if saved is None else OperatingSettings.from_bytes(saved.payload)

    def models(self) -> dict[str, OperatingSettings]:
        """Return what is in force, by model."""
        return {
            saved.scope.removeprefix(MODEL_SCOPE): OperatingSettings.from_bytes(saved.payload)
            for saved in self._settings.all()
            if saved.scope.startswith(MODEL_SCOPE)
        }

    def put(
        self, model: str, settings: OperatingSettings, *, actor: str, now: datetime
    ) -> list[str]:
        """Put settings in force in place of those that were, audited; return what changed.

        From the moment this returns, whoever writes to the store does so by them: open clients and
        running servers too.

        Raises
        ------
        SettingsError
            If they cannot be used, or the model's name is none.
        StoreError
            If columns are hashed and the key was lost.
        """
        if not MODEL_NAME.fullmatch(model):
            raise SettingsError(f"{model!r} is no name of a model")
        privacy = settings.privacy
        for fault in _faults(settings):
            where = ".".join(map(str, fault.where))
            raise SettingsError(f"{where} {fault.reason}")
        changes = settings.changes_from(self.in_force(model))
        if privacy is not None and privacy.hash:
            self.make_key(actor=actor, now=now)
        self._settings.put(MODEL_SCOPE + model, settings.to_bytes(), actor=actor, now=now)
        return changes

    def entity_forms(self, entity: str) -> tuple[str, ...]:
        """Return how an entity may be stored: by its id, and by its hash if there ever was a key.

        Raises
        ------
        StoreError
            If the key is missing.
        """
        if not self.has_key():
            return (entity,)
        hashing = PrivateColumns(PrivacySettings(hash=("entity",)), self.key())
        return entity, hashing.value("entity", entity)

    def make_key(self, *, actor: str, now: datetime) -> bytes:
        """Return the key of the hashes, made now if there never was one."""
        if self.has_key():
            return self.key()
        key = self._secret.make()
        payload = msgspec.json.encode({"fingerprint": fingerprint(key)})
        self._settings.put(_KEY, payload, actor=actor, now=now)
        return key

    def has_key(self) -> bool:
        """Return whether a key was ever made."""
        return self._settings.get(_KEY) is not None

    def key(self) -> bytes:
        """Return the key of the hashes.

        Raises
        ------
        StoreError
            If it is missing, or not the one that was made for this store.
        """
        key, saved = self._secret.read(), self._settings.get(_KEY)
        if saved is not None and msgspec.json.decode(saved.payload) != {
            "fingerprint": fingerprint(key)
        }:
            message = (
                f"{self._secret.path} is not the key that this store's columns were hashed by;"
                " restore that one from a backup"
            )
            raise StoreError(message)
        return key


def _faults(settings: OperatingSettings) -> list[SettingFault]:
    found = objective_faults(settings.objectives) + business_faults(settings.business)
    if settings.privacy is not None:
        found += privacy_faults(settings.privacy)
    if settings.costs is not None:
        found += cost_faults(settings.costs)
    if settings.quality is not None:
        found += quality_faults(settings.quality, METRICS)
    return found
