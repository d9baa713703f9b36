"""Which columns can be private, and what is wrong with settings that name them."""

from __future__ import annotations

from collections import Counter
from typing import Final

from watchkeeper.events.operating import PrivacySettings
from watchkeeper.events.schema import EXPLANATION
from watchkeeper.events.setting_fault import SettingFault

PLAIN: Final = ("entity", "error", "item", "label", "output", "trace_id")
_PREFIXES: Final = ("feature:", "tag:")
_NEEDED: Final = {
    "prediction_id": "outcomes are joined by it; send ids that say nothing of people",
    "feedback_id": "it tells the same record sent again; send ids that say nothing of people",
    "time": "records are kept and judged by it",
    "version": "it is the model's own",
    "variant": "it is the model's own",
    "kind": "it tells what the feedback is",
    "latency_seconds": "it is the model's own",
    "cost_usd": "it is the model's own",
    "position": "it says nothing of people",
    "amount": "feedback is measured by it",
}


def stored_names(column: str) -> tuple[str, ...]:
    """Return the stored columns that a name in the settings means, ``output:`` for a whole group.

    Examples
    --------
    >>> stored_names("email")
    ('feature:email', 'tag:email')
    >>> stored_names("tag:country"), stored_names("entity"), stored_names("output")
    (('tag:country',), ('entity',), ('output', 'output:'))
    """
    if column == "output":
        return "output", "output:"
    if column in PLAIN or column.startswith((*_PREFIXES, EXPLANATION)):
        return (column,)
    return tuple(prefix + column for prefix in _PREFIXES)


def privacy_faults(settings: PrivacySettings) -> list[SettingFault]:
    """Return what cannot be put in force."""
    found: list[SettingFault] = []
    named = Counter(name for column in settings.columns for name in set(stored_names(column)))
    lists = {"hash": settings.hash, "drop": settings.drop}
    places: list[tuple[tuple[str | int, ...], str]] = [
        (("privacy", how, at), column)
        for how, columns in lists.items()
        for at, column in enumerate(columns)
    ]
    places += [(("privacy", "mask", column), column) for column in settings.mask]
    for where, column in places:
        reason = _column_reason(column)
        if reason is None and column.startswith(EXPLANATION) and "drop" not in where:
            reason = f"names the contribution {column!r}, a number; it can only be dropped"
        if reason is None and any(named[name] > 1 for name in stored_names(column)):
            reason = f"names {column!r} again; one column is hashed, dropped or masked"
        if reason is not None:
            found.append(SettingFault(where=where, reason=reason))
    for column, rule in settings.mask.items():
        where = "privacy", "mask", column
        if rule.keep_first < 0 or rule.keep_last < 0:
            reason = "keeps fewer than no characters; write 0 or more"
            found.append(SettingFault(where=where, reason=reason))
        elif rule.keep == "domain" and (rule.keep_first or rule.keep_last):
            reason = "keeps the domain and a number of characters; choose one of them"
            found.append(SettingFault(where=where, reason=reason))
    return found


def _column_reason(column: str) -> str | None:
    if column in {"", *_PREFIXES, EXPLANATION}:
        return "is a column without a name"
    if column in _NEEDED:
        why = _NEEDED[column]
        return f"is {column!r}, which is stored as it comes: {why}. A feature is 'feature:{column}'"
    return None
