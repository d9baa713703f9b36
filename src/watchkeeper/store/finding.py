"""What was found of a store that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

State: TypeAlias = Literal["good", "watch", "bad"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was looked at, how it is, and what to do if it is not good.

    Attributes
    ----------
    state
        ``good``; ``watch`` for what may become a fault; ``bad`` for what is one.
    """

    subject: str
    state: State
    told: str
