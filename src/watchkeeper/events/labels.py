"""What an outcome may say: one class or value, or the labels that apply."""

from __future__ import annotations

from watchkeeper.events.values import label_reason, text_reason

MOST_LABELS = 1_000
LONGEST_LABEL = 512


def outcome_reason(label: object) -> str | None:
    """Return what is wrong with the label of an outcome, ``None`` if nothing is.

    Examples
    --------
    >>> outcome_reason(["drama", "crime"]), outcome_reason([])
    (None, None)
    >>> outcome_reason(["drama", "drama"])
    "expected each label once, got 'drama' twice"
    """
    if type(label) is not list:
        return label_reason(label)
    if len(label) > MOST_LABELS:
        return f"expected at most {MOST_LABELS:,} labels, got {len(label):,}"
    wrong = next((reason for one in label if (reason := _reason(one))), None)
    if wrong is not None or len(set(label)) == len(label):
        return wrong
    twice = next(one for at, one in enumerate(label) if one in label[:at])
    return f"expected each label once, got {twice[:60]!a} twice"


def _reason(one: object) -> str | None:
    if isinstance(one, str) and not 1 <= len(one) <= LONGEST_LABEL:
        return f"expected labels of 1 to {LONGEST_LABEL} characters, got one of {len(one)}"
    reason = text_reason(one)
    return None if reason is None else reason.replace("expected text", "expected labels as texts")
