"""What every way out has in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from watchkeeper.actions.notice import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message that the receiver has taken; ``answer`` is what it said, for people."""

    answer: str


class Channel(Protocol):
    """One way out."""

    def send(self, notice: Notice) -> Sent:
        """Send one message, and return when the receiver has taken it.

        The receiver may get it twice, if its answer is lost; ``notice_id`` is the same then.

        Raises
        ------
        DeliveryError
            If the receiver refuses it and would again.
        TryAgainError
            If it may be taken later.
        """
        ...
