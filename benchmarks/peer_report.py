"""One tool's whole comparison of two Parquet files, saved as JSON; runs in the tool's environment.

    PYTHON_OF_THE_TOOL benchmarks/peer_report.py whylogs REF.parquet CUR.parquet OUT.json

``compare_speed.py`` starts it and measures the process. By each tool's defaults: drift of every
column, and the quality and summary of every column as far as the tool has them.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import pandas as pd


def whylogs(reference: pd.DataFrame, current: pd.DataFrame, out: Path) -> None:
    """Profile both sides; save summaries and drift scores."""
    import whylogs as why
    from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores

    before, now = why.log(reference).view(), why.log(current).view()
    scores = calculate_drift_scores(now, before, with_thresholds=True)
    summaries = {
        side: json.loads(view.to_pandas().to_json(default_handler=str))
        for side, view in (("reference", before), ("current", now))
    }
    out.write_text(json.dumps({"drift": scores, **summaries}, default=str))


def nannyml(reference: pd.DataFrame, current: pd.DataFrame, out: Path) -> None:
    """Save univariate drift, missing and unseen values, means and deviations, in ten chunks."""
    import nannyml as nml

    names = list(reference)
    numbers = [name for name in names if name.startswith("number")]
    categories = [name for name in names if name.startswith("category")]
    calculators = {
        "drift": nml.UnivariateDriftCalculator(column_names=names),
        "missing": nml.MissingValuesCalculator(column_names=names),
        "unseen": nml.UnseenValuesCalculator(column_names=categories),
        "mean": nml.SummaryStatsAvgCalculator(column_names=numbers),
        "deviation": nml.SummaryStatsStdCalculator(column_names=numbers),
    }
    found = {
        name: json.loads(one.fit(reference).calculate(current).to_df(multilevel=False).to_json())
        for name, one in calculators.items()
    }
    out.write_text(json.dumps(found))


def evidently(reference: pd.DataFrame, current: pd.DataFrame, out: Path) -> None:
    """Save one report of the drift preset and the summary preset."""
    from evidently import Report
    from evidently.presets import DataDriftPreset, DataSummaryPreset

    report = Report([DataDriftPreset(), DataSummaryPreset()])
    report.run(current, reference).save_json(str(out))


def deepchecks(reference: pd.DataFrame, current: pd.DataFrame, out: Path) -> None:
    """Validate two samples against each other, and the second by itself."""
    from deepchecks.tabular import Dataset
    from deepchecks.tabular.suites import data_integrity, train_test_validation

    categories = [name for name in reference if name.startswith("category")]
    before, now = (Dataset(side, cat_features=categories) for side in (reference, current))
    compared = train_test_validation().run(before, now)
    alone = data_integrity().run(now)
    out.write_text(json.dumps([compared.to_json(), alone.to_json()]))


TOOLS = {"whylogs": whylogs, "nannyml": nannyml, "evidently": evidently, "deepchecks": deepchecks}


def main() -> None:
    """Read, compare, save."""
    warnings.simplefilter("ignore")
    tool, reference, current, out = sys.argv[1:]
    TOOLS[tool](pd.read_parquet(reference), pd.read_parquet(current), Path(out))


if __name__ == "__main__":
    main()
