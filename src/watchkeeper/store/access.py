"""Keys by which programs and people are let in over HTTP: made, found, revoked.

The secret is shown once, when a key is made. It holds 192 random bits, so one round of SHA-256
keeps it: nobody guesses through such a space, and a slow hash would cost every request.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias, get_args

import msgspec
import sqlalchemy as sa

from watchkeeper.errors import SettingsError, StoreError, TryAgainError, nearest
from watchkeeper.store.audit import append_entry
from watchkeeper.store.database import Database
from watchkeeper.store.tables import access_keys, sessions

Scope: TypeAlias = Literal["write", "read", "admin"]

SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
_PREFIX: Final = "wk"
_USE_NOTED_EVERY: Final = timedelta(minutes=1)
_SESSION_LASTS: Final = timedelta(hours=12)
_SHOWN: Final = [column for column in access_keys.c if column.name != "secret_sha256"]


class AccessKey(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a key; its secret is not.

    Attributes
    ----------
    project
        The one project whose data it opens.
    name
        What people call it: who or what uses it.
    scopes
        ``write`` sends records, ``read`` asks for what is kept, ``admin`` changes settings and may
        do both others.
    most_records_per_second
        What it may send on average, ``None`` for no limit.
    created_at, expires_at, revoked_at, last_used_at
        ISO 8601, UTC; the last is noted once a minute at most.
    """

    key_id: str
    project: str
    name: str
    scopes: tuple[Scope, ...]
    most_records_per_second: int | None = None
    created_at: str
    expires_at: str | None = None
    revoked_at: str | None = None
    last_used_at: str | None = None

    def allows(self, scope: Scope) -> bool:
        """Return whether the key opens what needs a scope."""
        return scope in self.scopes or "admin" in self.scopes

    def is_good(self, now: datetime) -> bool:
        """Return whether it is neither revoked nor expired; it is expired at ``expires_at``."""
        if self.revoked_at is not None:
            return False
        return self.expires_at is None or now < datetime.fromisoformat(self.expires_at)


class AccessKeys:
    """The keys of one server, for all its projects."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        *,
        project: str,
        name: str,
        scopes: Sequence[str],
        actor: str,
        now: datetime,
        expires_at: datetime | None = None,
        most_records_per_second: int | None = None,
    ) -> tuple[AccessKey, str]:
        """Make a key, audited; return it and its text, which is not kept and not shown again.

        Raises
        ------
        SettingsError
            If a scope is unknown or none is given, the name is empty, the key would have expired
            already, or the limit is below 1.
        """
        _check(name, scopes, expires_at, most_records_per_second, now)
        key = AccessKey(
            key_id=secrets.token_hex(5),
            project=project,
            name=name.strip(),
            scopes=tuple(scope for scope in SCOPES if scope in scopes),
            most_records_per_second=most_records_per_second,
            created_at=now.isoformat(),
            expires_at=None if expires_at is None else expires_at.isoformat(),
        )
        secret = secrets.token_hex(24)
        fields = msgspec.structs.asdict(key) | {"scopes": ",".join(key.scopes)}
        details = {"key": key.key_id, "project": project, "name": key.name, "scopes": key.scopes}
        with self._database.writing() as connection:
            connection.execute(sa.insert(access_keys).values(secret_sha256=_hash(secret), **fields))
            append_entry(connection, actor, "key.create", details, now=now)
        return key, f"{_PREFIX}_{key.key_id}_{secret}"

    def revoke(self, key_id: str, *, actor: str, now: datetime) -> AccessKey:
        """Close a key for good, audited; one that is closed already stays as it is.

        Raises
        ------
        SettingsError
            If there is no such key.
        """
        with self._database.writing() as connection:
            row = connection.execute(
                sa.select(*_SHOWN).where(access_keys.c.key_id == key_id)
            ).first()
            if row is None:
                known = connection.execute(sa.select(access_keys.c.key_id)).scalars()
                raise SettingsError(f"there is no key {key_id!r}.{nearest(key_id, known)}")
            key = _key(row)
            if key.revoked_at is not None:
                return key
            connection.execute(
                sa.update(access_keys)
                .where(access_keys.c.key_id == key_id)
                .values(revoked_at=now.isoformat())
            )
            details = {"key": key_id, "project": key.project, "name": key.name}
            append_entry(connection, actor, "key.revoke", details, now=now)
        return msgspec.structs.replace(key, revoked_at=now.isoformat())

    def all(self) -> list[AccessKey]:
        """Return every key, revoked ones too, by project and age."""
        c = access_keys.c
        query = sa.select(*_SHOWN).order_by(c.project, c.created_at, c.key_id)
        with self._database.reading() as connection:
            return [_key(row) for row in connection.execute(query)]

    def find(self, text: str, *, now: datetime) -> AccessKey | None:
        """Return the good key of this text, ``None`` for any other, and note that it was used."""
        prefix, _, rest = text.partition("_")
        key_id, _, secret = rest.partition("_")
        if prefix != _PREFIX or not text.isascii():
            return None
        with self._database.reading() as connection:
            query = sa.select(access_keys).where(access_keys.c.key_id == key_id)
            row = connection.execute(query).first()
        # An unknown id takes as long as a wrong secret.
        kept = "0" * 64 if row is None else str(row.secret_sha256)
        if not hmac.compare_digest(kept, _hash(secret)) or row is None:
            return None
        key = _key(row)
        if not key.is_good(now):
            return None
        self._note_use(key, now)
        return key

    def open_session(self, key: AccessKey, *, now: datetime) -> str:
        """Return the token of a new session of a key, for a browser; it lasts 12 hours.

        Only its hash is kept. It ends at once when its key is revoked.
        """
        token = secrets.token_urlsafe(32)
        ends = now + _SESSION_LASTS
        with self._database.writing() as connection:
            connection.execute(sa.delete(sessions).where(sessions.c.expires_at <= now.isoformat()))
            connection.execute(
                sa.insert(sessions).values(
                    token_sha256=_hash(token),
                    key_id=key.key_id,
                    created_at=now.isoformat(),
                    expires_at=ends.isoformat(),
                )
            )
            details = {"key": key.key_id, "project": key.project, "name": key.name}
            append_entry(connection, f"key {key.key_id}", "session.open", details, now=now)
        return token

    def session_key(self, token: str, *, now: datetime) -> AccessKey | None:
        """Return the good key of a session, ``None`` if it has ended or never was."""
        c = sessions.c
        query = (
            sa.select(*_SHOWN)
            .join(sessions, c.key_id == access_keys.c.key_id)
            .where(c.token_sha256 == _hash(token), c.expires_at > now.isoformat())
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        key = _key(row)
        if not key.is_good(now):
            return None
        self._note_use(key, now)
        return key

    def end_session(self, token: str) -> None:
        """End a session; one that has ended stays so."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(sessions).where(sessions.c.token_sha256 == _hash(token)))

    def _note_use(self, key: AccessKey, now: datetime) -> None:
        last = key.last_used_at
        if last is not None and now - datetime.fromisoformat(last) < _USE_NOTED_EVERY:
            return
        # A full disk or a busy store must not lock out who only asks.
        with suppress(TryAgainError, StoreError), self._database.writing() as connection:
            connection.execute(
                sa.update(access_keys)
                .where(access_keys.c.key_id == key.key_id)
                .values(last_used_at=now.isoformat())
            )


def _check(
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None,
    most_records_per_second: int | None,
    now: datetime,
) -> None:
    if not name.strip():
        raise SettingsError("name: expected who or what uses the key, for example 'checkout'")
    if not scopes:
        raise SettingsError(f"scope: expected at least one of {', '.join(SCOPES)}")
    for scope in scopes:
        if scope not in SCOPES:
            raise SettingsError(f"scope: there is no {scope!r}.{nearest(scope, SCOPES)}")
    if expires_at is not None and expires_at <= now:
        raise SettingsError(f"expires: expected a time to come, got {expires_at.isoformat()}")
    if most_records_per_second is not None and most_records_per_second < 1:
        message = f"records per second: expected at least 1, got {most_records_per_second}"
        raise SettingsError(message)


def _key(row: sa.Row[tuple[object, ...]]) -> AccessKey:
    fields = {str(column.name): row._mapping[column.name] for column in _SHOWN}
    fields["scopes"] = tuple(str(fields["scopes"]).split(","))
    return msgspec.convert(fields, AccessKey)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
