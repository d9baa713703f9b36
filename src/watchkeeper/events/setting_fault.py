"""What keeps a setting from being put in force."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingFault:
    """What is wrong with a setting, and where; the reason goes on from its name."""

    where: tuple[str | int, ...]
    reason: str
