"""What people do with predictions: ratios declared in SQL or Python, over a model's records."""

from __future__ import annotations

from watchkeeper.pipeline.business.answer import Business, BusinessInfo, BusinessSeries
from watchkeeper.pipeline.business.computing import BusinessBy, BusinessFunction, business
from watchkeeper.pipeline.business.ready_made import READY_MADE
from watchkeeper.pipeline.business.record_tables import RecordTables

__all__ = [
    "READY_MADE",
    "Business",
    "BusinessBy",
    "BusinessFunction",
    "BusinessInfo",
    "BusinessSeries",
    "RecordTables",
    "business",
]
