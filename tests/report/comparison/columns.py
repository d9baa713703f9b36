"""Compared columns as the pipeline gives them: numbers and categories."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.comparison import (
    ColumnComparison,
    ColumnEffect,
    ColumnQuality,
    Distances,
    Distribution,
    Summary,
    ValueChange,
)

Floats = NDArray[np.float64]


def number_column(
    name: str,
    reference: Floats,
    current: Floats,
    *,
    nulls: tuple[float, float] = (0.0, 0.0),
    bins: int = 64,
    drifted: bool = False,
    inconclusive: bool = False,
    message: str = "",
) -> ColumnComparison:
    """Bins by the reference's quantiles, with a bin of its own for each frequent value."""
    values, counts = np.unique(reference, return_counts=True)
    ties = values[counts > len(reference) / (2 * bins)]
    plain = np.quantile(reference, np.linspace(0, 1, bins + 1))[:-1]
    stop = np.nextafter(reference.max(), math.inf)
    edges = np.unique(np.concatenate([plain, ties, np.nextafter(ties, math.inf), [stop]]))
    before, after = (
        np.bincount(np.searchsorted(edges, side, side="right"), minlength=len(edges) + 1)
        for side in (reference, current)
    )
    one = before / before.sum()
    two = after / after.sum()
    labels = (
        f"< {edges[0]:.4g}",
        *(
            f"{low:.4g}" if high == np.nextafter(low, math.inf) else f"[{low:.4g}, {high:.4g})"
            for low, high in pairwise(edges)
        ),
        f"> {edges[-1]:.4g}",
    )
    shift = float(current.mean() - reference.mean())
    sd = float(reference.std()) or 1.0
    error = math.sqrt(reference.var() / len(reference) + current.var() / len(current))
    return column_of(
        name,
        "number",
        labels,
        tuple(map(float, edges)),
        (before, after),
        quality=ColumnQuality(
            reference=_summary(reference, nulls[0], unseen=0.0),
            current=_summary(current, nulls[1], unseen=float(two[0] + two[-1])),
        ),
        means=(float(reference.mean()), float(current.mean()), shift, shift / sd, error),
        moved=max(0.5 * float(np.abs(one - two).sum()) - 0.01, abs(nulls[1] - nulls[0])),
        drifted=drifted,
        inconclusive=inconclusive,
        message=message,
    )


def category_column(
    name: str,
    reference: dict[str, int],
    current: dict[str, int],
    *,
    type_: str = "category",
    drifted: bool = False,
    inconclusive: bool = False,
    message: str = "",
) -> ColumnComparison:
    """One bin per value of the reference, one for those it never had."""
    values = sorted(reference, key=lambda value: -reference[value])
    new = {value: rows for value, rows in current.items() if value not in reference}
    gone = [value for value in values if not current.get(value)]
    before = np.array([*(reference[value] for value in values), 0])
    after = np.array([*(current.get(value, 0) for value in values), sum(new.values())])
    one, two = before / max(before.sum(), 1), after / max(after.sum(), 1)

    def side(rows: dict[str, int], unseen: float) -> Summary:
        return Summary(
            rows=sum(rows.values()),
            null_ratio=0.0,
            misfit_ratio=0.0,
            distinct=len(rows),
            unseen_ratio=unseen,
            top=dict(sorted(rows.items(), key=lambda item: -item[1])[:10]),
        )

    return column_of(
        name,
        type_,
        (*values, "(unseen)"),
        None,
        (before, after),
        quality=ColumnQuality(
            reference=side(reference, 0.0),
            current=side(current, float(two[-1])),
            new_values=tuple(new)[:10],
            new_value_count=len(new),
            missing_values=tuple(gone)[:10],
            missing_value_count=len(gone),
        ),
        means=None,
        moved=0.5 * float(np.abs(one - two).sum()),
        drifted=drifted,
        inconclusive=inconclusive,
        message=message,
    )


def column_of(
    name: str,
    type_: str,
    labels: tuple[str, ...],
    edges: tuple[float, ...] | None,
    rows: tuple[NDArray[np.int64], NDArray[np.int64]],
    *,
    quality: ColumnQuality,
    means: tuple[float, float, float, float, float] | None,
    moved: float,
    drifted: bool,
    inconclusive: bool,
    message: str,
) -> ColumnComparison:
    before, after = (side / max(side.sum(), 1) for side in rows)
    order = np.argsort(-np.abs(after - before))[:5]
    numeric: dict[str, Any] = {}
    if means is not None:
        numeric = {
            "reference_mean": means[0],
            "current_mean": means[1],
            "shift": means[2],
            "shift_sd": means[3],
            "shift_low": means[2] - 1.96 * means[4],
            "shift_high": means[2] + 1.96 * means[4],
        }
    moved = max(0.0, min(1.0, moved))
    return ColumnComparison(
        type=type_,  # type: ignore[arg-type]
        drifted=drifted,
        inconclusive=inconclusive,
        p_value=1e-12 if drifted else 0.31,
        adjusted_p_value=2.5e-11 if drifted else 1.0,
        tests={"chi-square": 1e-12 if drifted else 0.31, "ranks": 1e-9 if drifted else 0.4},
        rule="test",
        effect=ColumnEffect(
            moved_ratio=moved,
            moved_low=max(0.0, moved - 0.01),
            moved_high=min(1.0, moved + 0.01),
            most_changed=tuple(
                ValueChange(
                    value=labels[i],
                    reference_ratio=float(before[i]),
                    current_ratio=float(after[i]),
                )
                for i in order
            ),
            **numeric,
        ),
        distances=Distances(
            psi=2.1 * moved**2,
            jensen_shannon=0.8 * moved,
            hellinger=0.7 * moved,
            wasserstein=None if means is None else abs(means[2]),
            kolmogorov_smirnov=None if means is None else 0.9 * moved,
            chi_square=913.4 * moved,
            total_variation=moved,
            l_infinity=0.3 * moved,
        ),
        quality=quality,
        distribution=Distribution(
            labels=labels,
            edges=edges,
            reference=tuple(map(int, rows[0])),
            current=tuple(map(int, rows[1])),
        ),
        message=message or f"{name}: no change beyond chance",
    )


def _summary(values: Floats, nulls: float, *, unseen: float) -> Summary:
    p5, p25, p50, p75, p95 = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95]).tolist()
    return Summary(
        rows=round(len(values) / (1 - nulls)),
        null_ratio=nulls,
        misfit_ratio=0.0,
        distinct=len(np.unique(values)),
        unseen_ratio=unseen,
        minimum=float(values.min()),
        p5=p5,
        p25=p25,
        p50=p50,
        p75=p75,
        p95=p95,
        maximum=float(values.max()),
        mean=float(values.mean()),
        sd=float(values.std()),
    )
