"""What must hold for data, declared by people, and whether it does.

A check says which rows break it. Statistics of change are for ``comparison`` and ``watch``.
"""

from __future__ import annotations

from watchkeeper.checks.result import CheckResult

__all__ = ["CheckResult"]
