"""Baselines opened once and kept open: a version never changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakKeyDictionary

import msgspec

from watchkeeper.pipeline.baselining import WatchSetup
from watchkeeper.pipeline.readings import Readings
from watchkeeper.pipeline.stored import check_model
from watchkeeper.store import Store
from watchkeeper.watch import Baseline

_MOST_OPEN = 200

_open: WeakKeyDictionary[Store, OrderedDict[tuple[str, int], OpenBaseline]] = WeakKeyDictionary()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBaseline:
    """A version of a model's baseline, ready to use."""

    version: int
    created_at: str
    note: str
    setup: WatchSetup
    fitted: Baseline
    readings: Readings

    @property
    def false_alarm_buckets(self) -> float:
        """Mean number of buckets to a false alarm of all that is watched, columns or not."""
        return self.setup.false_alarm_buckets or self.fitted.settings.threshold

    @property
    def false_alarm_days(self) -> float:
        """The same in days; of buckets of rows by how long they were in the reference."""
        fitted, length = self.fitted, self.setup.bucketing().length
        if length is None and fitted.start is not None and fitted.end is not None:
            length = (fitted.end - fitted.start) / max(fitted.buckets, 1)
        days = 1.0 if length is None else length / timedelta(days=1)
        return self.false_alarm_buckets * days


def newest_baseline(store: Store, model: str) -> OpenBaseline | None:
    """Return a model's newest baseline, ``None`` if none was set.

    Raises
    ------
    DataError
        If the store has no such model.
    """
    version = store.watch_log.watched().get(model)
    if version is None:
        check_model(store, model)
        return None
    return open_baseline(store, model, version)


def open_baseline(store: Store, model: str, version: int) -> OpenBaseline:
    """Return a version that there is."""
    with _lock:
        known = _open.setdefault(store, OrderedDict())
        found = known.get((model, version))
        if found is not None:
            known.move_to_end((model, version))
            return found
    saved = store.watch_log.baseline(model, version)
    assert saved is not None
    setup = msgspec.msgpack.decode(saved.payload, type=WatchSetup)
    fitted = setup.fitted()
    opened = OpenBaseline(
        version=version,
        created_at=saved.created_at,
        note=saved.note,
        setup=setup,
        fitted=fitted,
        readings=Readings(fitted),
    )
    with _lock:
        known[model, version] = opened
        if len(known) > _MOST_OPEN:
            known.popitem(last=False)
    return opened
