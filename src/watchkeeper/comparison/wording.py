"""What changed, in one sentence for a person."""

from __future__ import annotations

from watchkeeper.comparison.performance import PerformanceComparison
from watchkeeper.comparison.result import (
    ColumnComparison,
    ColumnEffect,
    ColumnQuality,
    JointDrift,
    VectorComparison,
)
from watchkeeper.comparison.rule import Rule

_NOTABLE_SD = 0.02
_NAMED = 3
_LONGEST_NAME = 60


def of_column(
    name: str,
    effect: ColumnEffect,
    quality: ColumnQuality,
    *,
    drifted: bool,
    inconclusive: bool,
    significant: bool,
    rule: Rule | None,
    missing: bool,
) -> str:
    """Return a column's message."""
    shown = short(name)
    if missing:
        return f"{shown}: it is missing now"
    if quality.reference.rows == 0 or quality.current.rows == 0:
        return f"{shown}: one side has no rows"
    if inconclusive:
        return f"{shown}: too few rows to say"
    if drifted:
        return f"{shown}: {what_changed(effect, quality)}"
    if significant and rule is None:
        return (
            f"{shown}: changed, but hardly: {percent(effect.moved_ratio)} of the rows moved"
            f" ({what_changed(effect, quality)})"
        )
    return f"{shown}: no change beyond {'chance' if rule is None else str(rule)}"


def of_vectors(name: str, found: VectorComparison, *, drifted: bool, inconclusive: bool) -> str:
    """Return the message of a column of vectors."""
    told = f"a classifier tells the sides apart with an AUC of {found.auc:.3f}"
    if drifted:
        return f"{short(name)}: {told}"
    if inconclusive:
        return f"{short(name)}: too few rows to say"
    return f"{short(name)}: no change beyond chance (AUC {found.auc:.3f})"


def what_changed(effect: ColumnEffect, quality: ColumnQuality) -> str:
    """Return the largest part of a change in the units of the column."""
    before, after = quality.reference, quality.current
    nulls = after.null_ratio - before.null_ratio
    misfits = after.misfit_ratio - before.misfit_ratio
    half = 0.5 * max(effect.moved_ratio, 1e-9)
    if abs(misfits) >= half:
        return (
            f"values of another type went from {percent(before.misfit_ratio)}"
            f" to {percent(after.misfit_ratio)}"
        )
    if abs(nulls) >= half:
        return f"nulls went from {percent(before.null_ratio)} to {percent(after.null_ratio)}"
    unexpected = after.unseen_ratio - before.once_ratio
    if before.top is not None and unexpected >= half and not _stands_out(effect, half):
        return (
            f"values that the reference never showed make up {percent(after.unseen_ratio)} of the"
            f" rows, where {percent(before.once_ratio)} would be usual"
        )
    if effect.shift is not None and abs(effect.shift_sd or 0.0) >= _NOTABLE_SD:
        verb = "rose" if effect.shift > 0 else "fell"
        deviations = f" ({abs(effect.shift_sd or 0.0):.2f} sd)"
        return (
            f"mean {verb} by {abs(effect.shift):.4g}{deviations}, from"
            f" {effect.reference_mean:.4g} to {effect.current_mean:.4g}"
        )
    if effect.shift is not None:
        ratio = (after.sd or 0.0) / before.sd if before.sd else None
        if ratio is not None and not 0.9 < ratio < 1.1:
            return f"spread went from {before.sd:.4g} to {after.sd:.4g} (sd)"
    if effect.most_changed:
        first = effect.most_changed[0]
        return (
            f"{short(first.value)} went from {percent(first.reference_ratio)}"
            f" to {percent(first.current_ratio)} of the rows"
        )
    return "its distribution changed"


def _stands_out(effect: ColumnEffect, least: float) -> bool:
    """Whether one value by itself changed by so much."""
    return any(abs(one.current_ratio - one.reference_ratio) >= least for one in effect.most_changed)


def of_dataset(
    columns: dict[str, ColumnComparison],
    vectors: dict[str, VectorComparison],
    joint: JointDrift | None,
    *,
    rows_needed: int | None,
    failed: int,
    checks: int,
    segments_drifted: int,
    performance: PerformanceComparison | None,
) -> str:
    """Return the data set's message."""
    drifted = [name for name, column in columns.items() if column.drifted]
    drifted.sort(key=lambda name: -columns[name].effect.moved_ratio)
    drifted += [name for name, found in vectors.items() if found.drifted]
    total = len(columns) + len(vectors)
    parts = [] if performance is None else _of_performance(performance)
    if drifted:
        names = ", ".join(short(name) for name in drifted[:_NAMED])
        more = f" and {len(drifted) - _NAMED} more" if len(drifted) > _NAMED else ""
        parts.append(f"{len(drifted)} of {total} columns drifted: {names}{more}")
    elif joint is not None and joint.drifted:
        telling = ", ".join(short(one.column) for one in joint.columns[:_NAMED])
        parts.append(f"no column drifted by itself, but together they did: {telling}")
    elif segments_drifted:
        parts.append("no column drifted over all rows, but in segments they did")
    elif rows_needed is not None:
        parts.append(
            f"it takes about {rows_needed:,} rows on each side to see a shift by one standard"
            " deviation in any column"
        )
    else:
        parts.append(f"none of {total} columns drifted")
    if checks:
        parts.append(
            f"{failed} of {checks} checks failed" if failed else f"all {checks} checks passed"
        )
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _of_performance(performance: PerformanceComparison) -> list[str]:
    changed = [one for one in performance.metrics.values() if one.change == "worse"]
    changed = changed or [one for one in performance.metrics.values() if one.change == "better"]
    if changed:
        more = len(changed) - 1
        rest = f", and {more} more metric{'s' if more > 1 else ''}" if more else ""
        return [f"{changed[0].message}{rest}"]
    if any(one.difference is not None for one in performance.metrics.values()):
        return ["predictions are as good as in the reference, as far as can be told"]
    return []


def percent(ratio: float) -> str:
    """Return a share as people read it.

    Examples
    --------
    >>> percent(0.25), percent(0.0012), percent(0.0)
    ('25 %', '0.12 %', '0 %')
    """
    return f"{100 * ratio:.2g} %" if ratio < 0.0995 else f"{100 * ratio:.3g} %"


def short(text: str) -> str:
    """Return a name of bounded length."""
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1] + "…"
