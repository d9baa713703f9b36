"""Regressions, shifted buckets and NannyML's DLE of them; runs in NannyML's environment.

    PYTHON_OF_THE_PEER benchmarks/estimation_regression_peer.py OUT_FOLDER [TABLE ...]

``estimation_regression.py`` starts it. Each table is split five times, and eight buckets of each
split are shifted, as in ``estimation_peer.py``.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from estimation_peer import MOST_IN_BUCKET, SPLITS, buckets, encoded, parts, prepared, write
from estimation_tables import NUMBERS

METRICS = ("mae", "rmse")


def models(
    rows: pd.DataFrame, truth: np.ndarray
) -> Iterator[tuple[str, Callable[[pd.DataFrame], np.ndarray]]]:
    """Yield LightGBM by its defaults and a linear regression, fitted."""
    import lightgbm
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline

    yield (
        "lightgbm",
        lightgbm.LGBMRegressor(random_state=0, verbose=-1, n_jobs=1).fit(rows, truth).predict,
    )
    yield "linear", make_pipeline(prepared(rows), LinearRegression()).fit(rows, truth).predict


def estimates(table: pd.DataFrame, size: int) -> dict[str, dict[str, list[float]]]:
    """Return NannyML's estimates and bands of the buckets."""
    import nannyml

    # LightGBM, within, takes no colon in a name.
    table = table.rename(columns=lambda name: name.replace(":", "_"))
    estimator = nannyml.DLE(
        feature_column_names=[name for name in table if name.startswith("input_")],
        y_pred="predicted",
        y_true="truth",
        metrics=list(METRICS),
        chunk_size=size,
    )
    estimator.fit(table[table.bucket < 0])
    found = estimator.estimate(table[table.bucket >= 0]).filter(period="analysis").to_df()
    parts = {
        "value": "value",
        "low": "lower_confidence_boundary",
        "high": "upper_confidence_boundary",
    }
    return {
        metric: {k: [float(v) for v in found[(metric, name)]] for k, name in parts.items()}
        for metric in METRICS
    }


def build(name: str, out: Path) -> None:
    """Write the tasks of one table."""
    rows, truth = NUMBERS[name]()
    rows, truth = encoded(rows), np.asarray(truth).astype(float)
    for split in range(SPLITS):
        build_split(name, split, rows, truth, out)


def build_split(name: str, split: int, rows: pd.DataFrame, truth: np.ndarray, out: Path) -> None:
    """Write the tasks of one split of a table."""
    rng = np.random.default_rng([sum(map(ord, name)), split])
    train, reference, rest = parts(len(rows), rng)
    size = min(MOST_IN_BUCKET, len(rest) // 4)
    picked = [rest[p] for p in buckets(rows.iloc[rest], size, rng)]
    places = np.concatenate([reference, *picked])
    bucket = np.repeat(np.arange(-1, len(picked)), [len(reference), *map(len, picked)])
    inputs = rows.iloc[places].reset_index(drop=True).add_prefix("input:")
    for model, predict in models(rows.iloc[train], truth[train]):
        said = pd.DataFrame(
            {"bucket": bucket, "predicted": predict(rows.iloc[places]), "truth": truth[places]}
        )
        table = pd.concat([said, inputs], axis=1)
        write(table, out / f"{name}-{model}-{split}.parquet")
        peers = json.dumps(estimates(table, size))
        (out / f"{name}-{model}-{split}.json").write_text(peers)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1])
    for table in sys.argv[2:] or NUMBERS:
        build(table, folder)
        print(table, file=sys.stderr, flush=True)
