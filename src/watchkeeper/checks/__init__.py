"""What must hold for data, declared by people, and whether it does.

Checks are declared here, put into SQL, and judged by the values that come back; schemas and suites
of other tools are read as checks. Opening data and asking it is for ``pipeline``. Statistics of
change are for ``comparison`` and ``watch``.

Examples
--------
>>> from watchkeeper import checks
>>> checks.Range(column="age", minimum=0, maximum=120).column
'age'
"""

from __future__ import annotations

from watchkeeper.checks.change_steps import Sample
from watchkeeper.checks.declared import (
    Check,
    Fault,
    as_settings,
    columns_of,
    faults,
    kind_of,
    name_all,
    require_sound,
)
from watchkeeper.checks.great_expectations import from_great_expectations
from watchkeeper.checks.imported import Imported
from watchkeeper.checks.inference import infer_checks
from watchkeeper.checks.metric_check import Metric
from watchkeeper.checks.pandera import from_pandera
from watchkeeper.checks.planning import plan
from watchkeeper.checks.result import CheckResult
from watchkeeper.checks.row_checks import (
    Categories,
    Expression,
    Length,
    Matches,
    NotNull,
    Range,
    Type,
    Unique,
    ValueType,
)
from watchkeeper.checks.sql import identifier, text_literal
from watchkeeper.checks.steps import TABLE, Judgement, Step, Values
from watchkeeper.checks.table_checks import Change, Freshness, Statistic, TableSchema, Volume
from watchkeeper.checks.table_columns import Table, TableColumn

__all__ = [
    "TABLE",
    "Categories",
    "Change",
    "Check",
    "CheckResult",
    "Expression",
    "Fault",
    "Freshness",
    "Imported",
    "Judgement",
    "Length",
    "Matches",
    "Metric",
    "NotNull",
    "Range",
    "Sample",
    "Statistic",
    "Step",
    "Table",
    "TableColumn",
    "TableSchema",
    "Type",
    "Unique",
    "ValueType",
    "Values",
    "Volume",
    "as_settings",
    "columns_of",
    "faults",
    "from_great_expectations",
    "from_pandera",
    "identifier",
    "infer_checks",
    "kind_of",
    "name_all",
    "plan",
    "require_sound",
    "text_literal",
]
