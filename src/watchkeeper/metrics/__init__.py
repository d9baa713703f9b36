"""What a model's service does: latency, errors, cost, objectives, and how late labels come.

Pure: columns and cells come in, sums, quantiles, burn rates and forecasts come out. Cells merge
exactly. Which rows go into which cell is decided in ``pipeline``; where cells are kept, in
``store``.
"""

from __future__ import annotations

from watchkeeper.metrics.burn_rates import PAIRS, BurnReading, Good, WindowPair, read_burn_rates
from watchkeeper.metrics.business_ratio import BusinessRatio, business_ratio
from watchkeeper.metrics.cost_forecast import LEAST_DAYS, MOST_DAYS, Forecast, forecast_sum
from watchkeeper.metrics.label_delay import AGES, Completeness, completeness, delay_bins
from watchkeeper.metrics.service_cell import NANO, ServiceCell
from watchkeeper.metrics.tallying import MOST_ROWS, ServiceRows, ServiceTally
from watchkeeper.metrics.token_prices import require_price_list, token_price_usd
from watchkeeper.metrics.young_shift import Shift, pooled_shift

__all__ = [
    "AGES",
    "LEAST_DAYS",
    "MOST_DAYS",
    "MOST_ROWS",
    "NANO",
    "PAIRS",
    "BurnReading",
    "BusinessRatio",
    "Completeness",
    "Forecast",
    "Good",
    "ServiceCell",
    "ServiceRows",
    "ServiceTally",
    "Shift",
    "WindowPair",
    "business_ratio",
    "completeness",
    "delay_bins",
    "forecast_sum",
    "pooled_shift",
    "read_burn_rates",
    "require_price_list",
    "token_price_usd",
]
