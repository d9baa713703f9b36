"""Whether what a store promises of private data is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from watchkeeper.errors import StoreError
from watchkeeper.events import parse_duration
from watchkeeper.store.catalog import time_of
from watchkeeper.store.finding import Finding
from watchkeeper.store.lock import FileLock
from watchkeeper.store.secret_key import SecretKey
from watchkeeper.store.store import Store

_LATE: Final = timedelta(days=2)


def examine_privacy(store: Store, *, now: datetime) -> Iterator[Finding]:
    """Look at the key, at what is kept too long, and at what erasures left."""
    yield from _key(store)
    yield from _retention(store, now)
    yield from _erasures(store)
    yield from _leftovers(store)


def _key(store: Store) -> Iterator[Finding]:
    if not store.operating.has_key():
        return
    subject, secret = "privacy key", SecretKey(store.folder)
    try:
        store.operating.key()
    except StoreError as error:
        yield Finding(subject=subject, state="bad", told=str(error))
        return
    if secret.open_to_others():
        told = f"others may read it; close it with: chmod 600 {secret.path}"
        yield Finding(subject=subject, state="bad", told=told)
        return
    yield Finding(subject=subject, state="good", told="there, for its owner only")


def _retention(store: Store, now: datetime) -> Iterator[Finding]:
    for model, settings in store.operating.models().items():
        if settings.retention is None or settings.retention.events is None:
            continue
        kept_for = settings.retention.events
        before = now - parse_duration(kept_for)
        oldest = store.retention.oldest(model)
        subject = f"retention of {model}"
        if oldest is None or time_of(oldest) >= before - _LATE:
            told = f"nothing is kept longer than {kept_for}, give or take a day"
            yield Finding(subject=subject, state="good", told=told)
            continue
        told = (
            f"events of {time_of(oldest):%Y-%m-%d} are there, which shall be kept {kept_for}: is"
            f" `watchkeeper serve` running? If not, run: watchkeeper expire {store.folder}"
        )
        yield Finding(subject=subject, state="bad", told=told)


def _erasures(store: Store) -> Iterator[Finding]:
    found = store.erasures.all()
    shown = {erasure.subject for erasure in found if erasure.rows_left == 0}
    open_ones = [str(erasure.number) for erasure in found if erasure.subject not in shown]
    if open_ones:
        told = f"{', '.join(open_ones)} not shown to be complete; erase the same entity again"
        yield Finding(subject="erasures", state="bad", told=told)
    elif found:
        yield Finding(subject="erasures", state="good", told=f"{len(found):,}, all complete")


def _leftovers(store: Store) -> Iterator[Finding]:
    copies = sorted(path.name for path in store.folder.glob("state-*.sqlite"))
    if copies:
        told = f"{', '.join(copies)}: as it was before an upgrade; remove it when all is well"
        yield Finding(subject="kept copies", state="watch", told=told)
    lock = FileLock(store.folder / "seal.lock")
    if not lock.take(wait=False):
        return  # what is being written now has no name yet
    with lock:
        unknown = store.unknown_files()
    if unknown:
        told = (
            f"{len(unknown):,} files are left of a crash, {unknown[0]} among them; nobody reads"
            " them, but what was removed may stand there. The next seal removes them"
        )
        yield Finding(subject="leftovers", state="watch", told=told)
