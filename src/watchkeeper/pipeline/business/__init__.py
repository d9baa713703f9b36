"""What people do with predictions: ratios declared in SQL or Python, measured and watched."""

from __future__ import annotations

from watchkeeper.pipeline.business.answer import (
    Business,
    BusinessInfo,
    BusinessSeries,
    BusinessWatch,
)
from watchkeeper.pipeline.business.computing import BusinessBy, BusinessFunction, business
from watchkeeper.pipeline.business.course import BusinessCourse, business_course
from watchkeeper.pipeline.business.entity_days import entity_days
from watchkeeper.pipeline.business.incidents import PREFIX
from watchkeeper.pipeline.business.ready_made import READY_MADE
from watchkeeper.pipeline.business.record_tables import RecordTables
from watchkeeper.pipeline.business.rounds import BusinessRounds

__all__ = [
    "PREFIX",
    "READY_MADE",
    "Business",
    "BusinessBy",
    "BusinessCourse",
    "BusinessFunction",
    "BusinessInfo",
    "BusinessRounds",
    "BusinessSeries",
    "BusinessWatch",
    "RecordTables",
    "business",
    "business_course",
    "entity_days",
]
