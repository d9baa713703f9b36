"""A stored period, watched as if it were live: what would have been told, and when."""

from __future__ import annotations

from watchkeeper.pipeline.backtesting.call import backtest
from watchkeeper.pipeline.backtesting.run import OnBucket

__all__ = ["OnBucket", "backtest"]
