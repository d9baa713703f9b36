"""What a model's service does: latency, errors, cost, and the objectives they are held against.

Pure: columns and cells come in, sums, quantiles, burn rates and forecasts come out. Cells merge
exactly. Which rows go into which cell is decided in ``pipeline``; where cells are kept, in
``store``.
"""

from __future__ import annotations

from watchkeeper.metrics.burn_rates import PAIRS, BurnReading, Good, WindowPair, read_burn_rates
from watchkeeper.metrics.cost_forecast import LEAST_DAYS, MOST_DAYS, Forecast, forecast_sum
from watchkeeper.metrics.service_cell import NANO, ServiceCell
from watchkeeper.metrics.tallying import MOST_ROWS, ServiceRows, ServiceTally
from watchkeeper.metrics.token_prices import require_price_list, token_price_usd

__all__ = [
    "LEAST_DAYS",
    "MOST_DAYS",
    "MOST_ROWS",
    "NANO",
    "PAIRS",
    "BurnReading",
    "Forecast",
    "Good",
    "ServiceCell",
    "ServiceRows",
    "ServiceTally",
    "WindowPair",
    "forecast_sum",
    "read_burn_rates",
    "require_price_list",
    "token_price_usd",
]
