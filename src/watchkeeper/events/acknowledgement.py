"""What a server answers to the records it was sent."""

from __future__ import annotations

import msgspec


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """A record that breaks a rule.

    Attributes
    ----------
    row
        Its place in what was sent, from 0.
    field
        The field at fault, for example ``features.amount``.
    reason
        What was expected and what came.
    """

    row: int
    field: str
    reason: str


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """Every record that was not rejected is durable.

    Attributes
    ----------
    accepted
        Records that were new.
    duplicates
        Records it had before; nothing was done.
    rejected
        Records that break a rule, by their row in the request, from 0.
    sequence
        Number of the journal's last write; ``None`` if nothing was to be written.
    """

    accepted: int
    duplicates: int
    rejected: list[Rejection] = []
    sequence: int | None = None
