"""Models, shifted buckets and NannyML's estimates of them; runs in NannyML's environment.

    PYTHON_OF_THE_PEER benchmarks/estimation_peer.py OUT_FOLDER [TABLE ...]

``estimation.py`` starts it. A table is split twelve times at random: a quarter trains a model, 35 %
are the reference, and eight buckets are drawn from the rest, each without replacement, with weights
that grow along one to three columns by 0.5 to 4 (exponential of that times the standing, -1 to 1).
All buckets of a split share what its reference and rest have by chance; twelve splits average it.
One Parquet file and one JSON file for each table, model and split.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from estimation_tables import TABLES

SPLITS, BUCKETS, MOST_ROWS, MOST_IN_BUCKET = 12, 8, 60_000, 3_000
METRICS = ("roc_auc", "accuracy", "f1")
Score = Callable[[pd.DataFrame], np.ndarray]


def encoded(table: pd.DataFrame) -> pd.DataFrame:
    """Return numbers as floats and all else as categories."""
    found = {}
    for name in table:
        column = table[name]
        is_number = pd.api.types.is_numeric_dtype(column) and column.dtype != bool
        found[name] = column.astype(float) if is_number else column.astype(str).astype("category")
    return pd.DataFrame(found).reset_index(drop=True)


def parts(size: int, rng: np.random.Generator, most: int = MOST_ROWS) -> list[np.ndarray]:
    """Return the rows to train on, the reference and the rest."""
    order = rng.permutation(size)[:most]
    return np.split(order, [int(0.25 * len(order)), int(0.6 * len(order))])


def prepared(rows: pd.DataFrame) -> object:
    """Return what makes a linear model's inputs of rows."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = [name for name in rows if rows[name].dtype == float]
    others = [name for name in rows if rows[name].dtype != float]
    return make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20), others),
    )


def models(rows: pd.DataFrame, labels: np.ndarray) -> Iterator[tuple[str, Score]]:
    """Yield LightGBM by its defaults and logistic regression, fitted."""
    import lightgbm
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    boosted = lightgbm.LGBMClassifier(random_state=0, verbose=-1, n_jobs=1).fit(rows, labels)
    yield "lightgbm", lambda x: boosted.predict_proba(x)[:, 1]
    linear = make_pipeline(prepared(rows), LogisticRegression(max_iter=2_000)).fit(rows, labels)
    yield "logistic", lambda x: linear.predict_proba(x)[:, 1]


def buckets(
    rows: pd.DataFrame, size: int, rng: np.random.Generator, count: int = BUCKETS
) -> Iterator[np.ndarray]:
    """Yield indices of the rows of each bucket."""
    standing = {}
    for name in rows:
        column = rows[name]
        if column.dtype == float:
            values = column.fillna(column.median()).to_numpy()
        else:
            codes = column.cat.codes.to_numpy()
            values = rng.permutation(int(codes.max()) + 2)[codes + 1].astype(float)
        rank = pd.Series(values + 1e-9 * rng.random(len(values))).rank().to_numpy()
        standing[name] = (2 * rank - len(rank) - 1) / len(rank)
    names = list(standing)
    for _ in range(count):
        chosen = rng.choice(names, min(int(rng.integers(1, 4)), len(names)), replace=False)
        along = sum(rng.choice([-1, 1]) * standing[name] for name in chosen) / len(chosen) ** 0.5
        keys = rng.uniform(0.5, 4.0) * along + rng.gumbel(size=len(rows))
        yield np.argsort(-keys)[:size]


def estimates(scored: pd.DataFrame, size: int) -> dict[str, dict[str, list[float]]]:
    """Return NannyML's estimates and bands of the buckets."""
    import nannyml

    estimator = nannyml.CBPE(
        y_pred_proba="score",
        y_pred="predicted",
        y_true="label",
        problem_type="classification_binary",
        metrics=list(METRICS),
        chunk_size=size,
    )
    estimator.fit(scored[scored.bucket < 0])
    found = estimator.estimate(scored[scored.bucket >= 0]).filter(period="analysis").to_df()
    parts = {
        "value": "value",
        "low": "lower_confidence_boundary",
        "high": "upper_confidence_boundary",
    }
    return {
        metric: {k: [float(v) for v in found[(metric, name)]] for k, name in parts.items()}
        for metric in METRICS
    }


def write(table: pd.DataFrame, path: Path) -> None:
    """Write a table, categories as text."""
    texts = {name: object for name in table if table[name].dtype == "category"}
    table.astype(texts).to_parquet(path)


def build(name: str, out: Path) -> None:
    """Write the tasks of one table."""
    rows, labels = TABLES[name]()
    rows, labels = encoded(rows), np.asarray(labels).astype(int)
    for split in range(SPLITS):
        build_split(name, split, rows, labels, out)


def build_split(name: str, split: int, rows: pd.DataFrame, labels: np.ndarray, out: Path) -> None:
    """Write the tasks of one split of a table."""
    rng = np.random.default_rng([sum(map(ord, name)), split])
    train, reference, rest = parts(len(rows), rng)
    size = min(MOST_IN_BUCKET, len(rest) // 4)
    rate = labels[train].mean()
    threshold = 0.5 if 0.3 <= rate <= 0.7 else rate
    picked = [rest[p] for p in buckets(rows.iloc[rest], size, rng)]
    places = np.concatenate([reference, *picked])
    bucket = np.repeat(np.arange(-1, len(picked)), [len(reference), *map(len, picked)])
    inputs = rows.iloc[places].reset_index(drop=True).add_prefix("input:")
    for model, score in models(rows.iloc[train], labels[train]):
        scores = score(rows.iloc[places])
        scored = pd.DataFrame({"bucket": bucket, "score": scores, "label": labels[places]})
        scored["predicted"] = (scores >= threshold).astype(int)
        write(pd.concat([scored, inputs], axis=1), out / f"{name}-{model}-{split}.parquet")
        peers = json.dumps(estimates(scored, size))
        (out / f"{name}-{model}-{split}.json").write_text(peers)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1])
    for table in sys.argv[2:] or TABLES:
        build(table, folder)
        print(table, file=sys.stderr, flush=True)
