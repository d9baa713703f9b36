"""Drift scores of one tool by its defaults, column by column; runs in the tool's environment.

    PYTHON_OF_THE_TOOL benchmarks/peer_scores.py whylogs --rows 1000 --trials 200

``compare_power.py`` starts it. Prints JSON: for each trial one score per column of the unchanged
table, then one per change (of the changed column); larger is more drift.
"""

from __future__ import annotations

import argparse
import json
import warnings

import numpy as np
import pandas as pd

from changes import CHANGES, trial

# A p-value of zero says no more than this.
_LEAST_P_VALUE = 1e-300


def from_p_value(p: float) -> float:
    """Return a p-value as a score."""
    return -float(np.log10(max(p, _LEAST_P_VALUE)))


def evidently_scores(reference: pd.DataFrame, current: pd.DataFrame) -> list[float]:
    """Return p-values as scores or, above 1,000 rows, distances, as Evidently chooses itself."""
    from evidently.legacy.calculations.stattests import get_stattest
    from evidently.legacy.core import ColumnType

    scores = []
    for name in reference:
        kind = ColumnType.Categorical if name.startswith("k") else ColumnType.Numerical
        # Its drift metric leaves out nulls before it tests.
        before, after = reference[name].dropna(), current[name].dropna()
        test = get_stattest(before, after, kind, None)
        found = test(before, after, kind, None).drift_score
        # Of these, the tests that give p-values are those for small data.
        is_p_value = test.name in {"ks", "chisquare", "z"}
        scores.append(from_p_value(found) if is_p_value else float(found))
    return scores


def whylogs_scores(reference: pd.DataFrame, current: pd.DataFrame) -> list[float]:
    """Return p-values as scores: Kolmogorov-Smirnov's or else chi-square's, of two profiles."""
    import whylogs
    from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores

    before, after = whylogs.log(reference).view(), whylogs.log(current).view()
    found = calculate_drift_scores(after, before)
    return [
        0.0 if found[name] is None else from_p_value(found[name]["pvalue"]) for name in reference
    ]


def nannyml_scores(reference: pd.DataFrame, current: pd.DataFrame) -> list[float]:
    """Return Jensen-Shannon distances of the current rows as one chunk."""
    import nannyml

    calculator = nannyml.UnivariateDriftCalculator(column_names=list(reference), chunk_number=1)
    found = calculator.fit(reference).calculate(current).filter(period="analysis").to_df()
    return [float(found[(name, "jensen_shannon", "value")].iloc[0]) for name in reference]


SCORES = {
    "evidently": evidently_scores,
    "whylogs": whylogs_scores,
    "nannyml": nannyml_scores,
}


def main() -> None:
    """Score the trials."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tool", choices=sorted(SCORES))
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--trials", type=int, required=True)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    found = []
    for seed in range(given.trials):
        made = trial(seed, given.rows)
        reference, current = pd.DataFrame(made.reference), pd.DataFrame(made.current)
        for i, (change, values) in enumerate(zip(CHANGES, made.changed, strict=True)):
            # A kind of its own by the first letter of its name.
            name = f"{change.column[0]}.{i}"
            reference[name], current[name] = made.reference[change.column], values
        found.append(SCORES[given.tool](reference, current))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
