"""Importances of features found once and kept a minute: many may look at the same page."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from weakref import WeakKeyDictionary

from watchkeeper.pipeline.importance import Importances, importances
from watchkeeper.store import Store

FRESH = timedelta(minutes=1)
"""How long they are taken for what they are now, as predictions come."""
_MOST_KEPT = 100

_Asked: TypeAlias = tuple[str, int | None, datetime | None, datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    found: Importances
    made_at: datetime


_kept: WeakKeyDictionary[Store, OrderedDict[_Asked, _Kept]] = WeakKeyDictionary()
_lock = threading.Lock()


def importances_of(
    store: Store, model: str, *, start: datetime | None, end: datetime | None, now: datetime
) -> Importances:
    """Return what `importances` does, as it was found in the last minute if it was.

    Raises
    ------
    DataError
        If the model is unknown.
    """
    asked: _Asked = (model, store.watch_log.watched().get(model), start, end)
    with _lock:
        kept = _kept.setdefault(store, OrderedDict())
        known = kept.get(asked)
        if known is not None and now - known.made_at < FRESH:
            return known.found
        found = importances(store, model, start=start, end=end)
        kept[asked] = _Kept(found=found, made_at=now)
        kept.move_to_end(asked)
        if len(kept) > _MOST_KEPT:
            kept.popitem(last=False)
    return found
