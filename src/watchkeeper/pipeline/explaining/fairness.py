"""How well protected groups are served in a time, and how far that is from everyone else."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.events import QualitySettings
from watchkeeper.metrics.quality import QualityChoice, ScoredRows, measure_by_group
from watchkeeper.pipeline.explaining.loss import Losses
from watchkeeper.pipeline.explaining.sides import ComparedRows
from watchkeeper.pipeline.metric_values import GroupGap
from watchkeeper.pipeline.stored_columns import StoredColumns

__all__ = ["GroupGap", "gaps_between", "group_gaps"]

_METRICS = {
    "binary": ("accuracy", "recall", "specificity", "precision"),
    "multiclass": ("accuracy",),
    "multilabel": ("micro_f_beta", "hamming_loss"),
    "regression": ("mae", "bias"),
}
_MOST_GROUPS = 12
_LEAST_ROWS = 50


def group_gaps(
    losses: Losses, sides: ComparedRows, settings: QualitySettings
) -> tuple[GroupGap, ...]:
    """Return the gaps of the columns that the settings call protected, in the current time."""
    now = sides.is_current[losses.places]
    table = sides.table.take(pa.array(losses.places[now]))
    return gaps_between(losses.scored.at(now), table, settings)


def gaps_between(
    scored: ScoredRows, rows: pa.Table, settings: QualitySettings
) -> tuple[GroupGap, ...]:
    """Return the gaps between protected groups, those that are told first.

    Groups of fewer than 50 labelled predictions are left out, and those after the 12 largest.

    Parameters
    ----------
    scored, rows
        Labelled predictions, and what is stored of each of them.
    """
    choice = QualityChoice(metrics=_METRICS[scored.task], threshold=settings.threshold)
    table = StoredColumns(rows)
    found: list[GroupGap] = []
    for name in settings.protected:
        texts = table.texts(name).combine_chunks()
        counts = {
            one["values"]: one["counts"]
            for one in pc.value_counts(texts).to_pylist()
            if one["values"] is not None and one["counts"] >= _LEAST_ROWS
        }
        names = sorted(counts, key=lambda group: (-counts[group], group))[:_MOST_GROUPS]
        if len(names) < 2:
            continue
        places = pc.index_in(texts, value_set=pa.array(names, pa.string()))
        codes = pc.fill_null(places, -1).to_numpy(zero_copy_only=False).astype(np.int64)
        for gap in measure_by_group(scored, codes, names, choice).gaps:
            low, high = gap.difference_low, gap.difference_high
            found.append(
                GroupGap(
                    column=name,
                    group=gap.group,
                    rows=counts[gap.group],
                    metric=gap.metric,
                    value=gap.value,
                    others=gap.others,
                    difference=gap.difference,
                    low=low,
                    high=high,
                    is_told=(low is not None and low > 0) or (high is not None and high < 0),
                )
            )
    found.sort(key=lambda one: (not one.is_told, -abs(one.difference)))
    return tuple(found)
