"""Explanations made once and kept for those who ask again: making one takes seconds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from watchkeeper.pipeline.explaining.explanation import Explanation, explain_incident
from watchkeeper.pipeline.incident_list import find_tracked
from watchkeeper.store import IncidentKey, Store

FRESH = timedelta(minutes=10)
"""How long an explanation is taken for what it is now, as rows and labels come."""
_MOST_KEPT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    explanation: Explanation
    is_open: bool
    made_at: datetime


_kept: WeakKeyDictionary[Store, OrderedDict[str, _Kept]] = WeakKeyDictionary()
# One at a time: each takes a processor for seconds, and intake comes first.
_lock = threading.Lock()


def explanation_of(store: Store, key: IncidentKey, *, now: datetime) -> Explanation:
    """Return why an incident happened, as it was found in the last ten minutes if it was.

    Raises
    ------
    DataError
        As `explain_incident` does.
    """
    summary, _ = find_tracked(store, key, now=now)
    with _lock:
        kept = _kept.setdefault(store, OrderedDict())
        known = kept.get(str(key))
        if known and known.is_open == summary.is_open and now - known.made_at < FRESH:
            return known.explanation
        found = explain_incident(store, key, now=now, threads=1)
        kept[str(key)] = _Kept(explanation=found, is_open=summary.is_open, made_at=now)
        kept.move_to_end(str(key))
        if len(kept) > _MOST_KEPT:
            kept.popitem(last=False)
    return found
