"""Where the flow reads top to bottom: data in, profiles, detection, incidents out.

Files, data frames and the store become Arrow tables here, tables become profiles, and profiles go
through ``watch``. The mathematics is not here but below, and what a result looks like to a
person is in ``report``. Names load when they are first used, so that reading a file does not
load the detectors.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchkeeper.pipeline.backtesting import backtest
    from watchkeeper.pipeline.baselining import SetBaseline, set_baseline
    from watchkeeper.pipeline.checking import run_checks
    from watchkeeper.pipeline.clock import aware_time, to_utc
    from watchkeeper.pipeline.column_history import HeatMap, History, read_heat_map, read_history
    from watchkeeper.pipeline.comparing import compare
    from watchkeeper.pipeline.cost_incidents import watch_costs
    from watchkeeper.pipeline.costing import CostReport, cost_report
    from watchkeeper.pipeline.deciding import decide, find_incident
    from watchkeeper.pipeline.distribution import Distribution, read_distribution
    from watchkeeper.pipeline.explaining.explanation import (
        Explanation,
        explain_incident,
        explain_span,
    )
    from watchkeeper.pipeline.explaining.remembered import explanation_of
    from watchkeeper.pipeline.files import open_table
    from watchkeeper.pipeline.fleet import ModelDetail, ModelState, model_detail, model_states
    from watchkeeper.pipeline.good_counts import GoodCounts, frontier
    from watchkeeper.pipeline.importing import ImportReport, import_data
    from watchkeeper.pipeline.incident_list import IncidentSummary, list_incidents
    from watchkeeper.pipeline.incident_page import IncidentDetail, incident_detail
    from watchkeeper.pipeline.judging import Change
    from watchkeeper.pipeline.judging_objectives import (
        ObjectiveList,
        ObjectiveStatus,
        objectives_of,
    )
    from watchkeeper.pipeline.mapping import ImportMapping
    from watchkeeper.pipeline.objective_incidents import watch_objectives
    from watchkeeper.pipeline.predictions import (
        PredictionDetail,
        PredictionFound,
        PredictionPage,
        find_predictions,
        newest_predictions,
        prediction_detail,
    )
    from watchkeeper.pipeline.preparation import Plan
    from watchkeeper.pipeline.profiling_files import profile_buckets
    from watchkeeper.pipeline.quality_watch import QualityWatch
    from watchkeeper.pipeline.rejections import Rejection
    from watchkeeper.pipeline.rejects_file import RejectsFile
    from watchkeeper.pipeline.replaying import Replay, replay
    from watchkeeper.pipeline.result import BacktestResult, ColumnHistory
    from watchkeeper.pipeline.service_over_time import (
        GroupBy,
        ServiceHistory,
        ServiceSummary,
        service_history,
        service_summary,
    )
    from watchkeeper.pipeline.service_rollup import ServiceRollup
    from watchkeeper.pipeline.service_watch import ServiceWatch
    from watchkeeper.pipeline.standing import is_muted
    from watchkeeper.pipeline.table_profiling import load_profile, profile_table, save_profile
    from watchkeeper.pipeline.table_source import NumberedRows, Progress, TableSource
    from watchkeeper.pipeline.telling_rows import AffectedRows, affected_rows
    from watchkeeper.pipeline.user_sql import syntax_fault
    from watchkeeper.pipeline.watching import Watch, Watched, stored_incidents

__all__ = [
    "AffectedRows",
    "BacktestResult",
    "Change",
    "ColumnHistory",
    "CostReport",
    "Distribution",
    "Explanation",
    "GoodCounts",
    "GroupBy",
    "HeatMap",
    "History",
    "ImportMapping",
    "ImportReport",
    "IncidentDetail",
    "IncidentSummary",
    "ModelDetail",
    "ModelState",
    "NumberedRows",
    "ObjectiveList",
    "ObjectiveStatus",
    "Plan",
    "PredictionDetail",
    "PredictionFound",
    "PredictionPage",
    "Progress",
    "QualityWatch",
    "Rejection",
    "RejectsFile",
    "Replay",
    "ServiceHistory",
    "ServiceRollup",
    "ServiceSummary",
    "ServiceWatch",
    "SetBaseline",
    "TableSource",
    "Watch",
    "Watched",
    "affected_rows",
    "aware_time",
    "backtest",
    "compare",
    "cost_report",
    "decide",
    "explain_incident",
    "explain_span",
    "explanation_of",
    "find_incident",
    "find_predictions",
    "frontier",
    "import_data",
    "incident_detail",
    "is_muted",
    "list_incidents",
    "load_profile",
    "model_detail",
    "model_states",
    "newest_predictions",
    "objectives_of",
    "open_table",
    "prediction_detail",
    "profile_buckets",
    "profile_table",
    "read_distribution",
    "read_heat_map",
    "read_history",
    "replay",
    "run_checks",
    "save_profile",
    "service_history",
    "service_summary",
    "set_baseline",
    "stored_incidents",
    "syntax_fault",
    "to_utc",
    "watch_costs",
    "watch_objectives",
]

_HOME = {
    "frontier": "good_counts",
    "QualityWatch": "quality_watch",
    "ServiceWatch": "service_watch",
    "watch_costs": "cost_incidents",
    "cost_report": "costing",
    "CostReport": "costing",
    "GoodCounts": "good_counts",
    "ObjectiveList": "judging_objectives",
    "ObjectiveStatus": "judging_objectives",
    "objectives_of": "judging_objectives",
    "watch_objectives": "objective_incidents",
    "History": "column_history",
    "HeatMap": "column_history",
    "read_heat_map": "column_history",
    "read_history": "column_history",
    "Distribution": "distribution",
    "read_distribution": "distribution",
    "ModelDetail": "fleet",
    "ModelState": "fleet",
    "model_detail": "fleet",
    "model_states": "fleet",
    "ServiceHistory": "service_over_time",
    "ServiceSummary": "service_over_time",
    "service_history": "service_over_time",
    "service_summary": "service_over_time",
    "GroupBy": "service_over_time",
    "ServiceRollup": "service_rollup",
    "AffectedRows": "telling_rows",
    "affected_rows": "telling_rows",
    "decide": "deciding",
    "find_incident": "deciding",
    "IncidentDetail": "incident_page",
    "incident_detail": "incident_page",
    "IncidentSummary": "incident_list",
    "list_incidents": "incident_list",
    "PredictionDetail": "predictions",
    "PredictionFound": "predictions",
    "PredictionPage": "predictions",
    "find_predictions": "predictions",
    "newest_predictions": "predictions",
    "prediction_detail": "predictions",
    "Explanation": "explaining.explanation",
    "explain_incident": "explaining.explanation",
    "explain_span": "explaining.explanation",
    "explanation_of": "explaining.remembered",
    "is_muted": "standing",
    "aware_time": "clock",
    "Plan": "preparation",
    "Replay": "replaying",
    "SetBaseline": "baselining",
    "Change": "judging",
    "Watch": "watching",
    "Watched": "watching",
    "compare": "comparing",
    "load_profile": "table_profiling",
    "profile_buckets": "profiling_files",
    "profile_table": "table_profiling",
    "replay": "replaying",
    "run_checks": "checking",
    "save_profile": "table_profiling",
    "set_baseline": "baselining",
    "stored_incidents": "watching",
    "syntax_fault": "user_sql",
    "BacktestResult": "result",
    "ColumnHistory": "result",
    "ImportMapping": "mapping",
    "ImportReport": "importing",
    "NumberedRows": "table_source",
    "Progress": "table_source",
    "Rejection": "rejections",
    "RejectsFile": "rejects_file",
    "TableSource": "table_source",
    "backtest": "backtesting",
    "import_data": "importing",
    "open_table": "files",
    "to_utc": "clock",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
