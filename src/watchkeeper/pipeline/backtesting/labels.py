"""What a backtest was told of its labels."""

from __future__ import annotations

from dataclasses import dataclass

from watchkeeper.events import QualitySettings
from watchkeeper.pipeline.backtesting.roles import LabelRoles
from watchkeeper.pipeline.preparation import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Which columns they are, and how predictions are measured by them.

    Attributes
    ----------
    estimates, explain
        Whether performance is also estimated without labels, and whether incidents are explained.
    left_out
        Columns that are not watched since they came later; those asked for by name are.
    """

    roles: LabelRoles
    settings: QualitySettings
    estimates: bool
    explain: bool
    left_out: tuple[str, ...]


def labels_of(
    roles: LabelRoles, settings: QualitySettings, plan: Plan, *, estimates: bool, explain: bool
) -> Labels:
    """Return what a backtest by this plan does with its labels."""
    kept = {*(plan.columns or ()), *plan.ignore}
    left_out = tuple(name for name in roles.came_later if name not in kept)
    return Labels(
        roles=roles, settings=settings, estimates=estimates, explain=explain, left_out=left_out
    )
