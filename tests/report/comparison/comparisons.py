"""Comparisons as the pipeline gives them: ordinary, empty, hostile, too small and large ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from report.comparison.columns import category_column, number_column
from watchkeeper.checks import CheckResult
from watchkeeper.comparison import (
    ColumnComparison,
    ColumnEffect,
    ColumnQuality,
    Comparison,
    DatasetComparison,
    Distances,
    Distribution,
    JointDrift,
    SegmentComparison,
    Summary,
    TellingColumn,
    VectorComparison,
)

HOSTILE = '<script>document.title="owned"</script>"\'&|`@all #1\u202egnp.exe\x00\x1b[31m\n]]>' + (
    "x" * 10_000
)
Floats = NDArray[np.float64]


def check(name: str, *, passed: bool | None, **changes: Any) -> CheckResult:
    fields: dict[str, Any] = {
        "check": "not_null",
        "columns": ("amount",),
        "severity": "error",
        "rows": 48_000,
        "failed_rows": 0 if passed else 1_204,
        "examples": (),
        "message": f"{name} holds" if passed else "amount must not be null; 1,204 rows are",
        **changes,
    }
    return CheckResult(name=name, passed=passed, **fields)


def vector(name: str, *, drifted: bool) -> VectorComparison:
    auc = 0.82 if drifted else 0.507
    told = f"told apart by a classifier (AUC {auc:.2f})" if drifted else "no change beyond chance"
    return VectorComparison(
        dimensions=384,
        drifted=drifted,
        inconclusive=False,
        auc=auc,
        auc_low=auc - 0.01,
        auc_high=auc + 0.01,
        p_value=1e-20 if drifted else 0.4,
        adjusted_p_value=1e-18 if drifted else 1.0,
        rows=20_000,
        reference_null_ratio=0.0,
        current_null_ratio=0.012,
        message=f"{name}: {told}",
    )


def comparison_of(columns: dict[str, ColumnComparison], **changes: Any) -> Comparison:
    """Columns with a verdict that follows from them."""
    checks: Sequence[CheckResult] = changes.get("checks", ())
    vectors: dict[str, VectorComparison] = changes.get("vectors", {})
    drifted = [name for name, one in (*columns.items(), *vectors.items()) if one.drifted]
    amount = len(columns) + len(vectors)
    failed = [one for one in checks if one.passed is False]
    joint: JointDrift | None = changes.pop("joint", None)
    any_drift = bool(drifted) or (joint is not None and joint.drifted)
    unsure = not any_drift and any(column.inconclusive for column in columns.values())
    names = ", ".join(name[:60] for name in drifted[:3])
    more = f" and {len(drifted) - 3} more" if len(drifted) > 3 else ""
    found = f"{len(drifted)} of {amount} columns drifted: {names}{more}"
    if not drifted:
        found = f"None of {amount} columns drifted"
    message = changes.pop("message", f"{found}; {len(failed)} of {len(checks)} checks failed.")
    rows = next(iter(columns.values())).quality if columns else None
    return Comparison(
        reference=changes.pop("reference", "orders_2026_09.parquet"),
        current=changes.pop("current", "orders_2026_10_14.parquet"),
        dataset=DatasetComparison(
            verdict="failed"
            if any(one.severity == "error" for one in failed)
            else "drifted"
            if any_drift
            else "inconclusive"
            if unsure
            else "fine",
            drifted=any_drift,
            inconclusive=unsure,
            columns=amount,
            columns_drifted=len(drifted),
            checks=len(checks),
            checks_failed=len(failed),
            reference_rows=rows.reference.rows if rows else 0,
            current_rows=rows.current.rows if rows else 0,
            false_call_rate=0.05,
            least_effect=0.02,
            joint=joint,
            message=message,
        ),
        columns=columns,
        **changes,
    )


def realistic() -> Comparison:
    """Twenty-five columns of an order book: seven drifted, two inconclusive, checks, segments."""
    rng = np.random.default_rng(7)
    columns = {**_drifted(rng), **_unmoved(rng)}
    return comparison_of(
        columns,
        checks=_checks(),
        joint=JointDrift(
            drifted=True,
            auc=0.713,
            auc_low=0.704,
            auc_high=0.722,
            p_value=1e-30,
            adjusted_p_value=5e-30,
            rows=20_000,
            columns=tuple(
                TellingColumn(column=name, share=share)
                for name, share in zip(columns, (0.41, 0.22, 0.14, 0.08, 0.05), strict=False)
            ),
        ),
        segments=_segments(rng),
        vectors={
            "text_vector": vector("text_vector", drifted=True),
            "photo_vector": vector("photo_vector", drifted=False),
        },
        notes=(
            "comment was left out: free text of 18,204 different values; its length was compared",
            "legacy_id is in the reference only",
        ),
    )


def _drifted(rng: np.random.Generator) -> dict[str, ColumnComparison]:
    normal, skewed = rng.normal, rng.lognormal
    numbers = {
        "delivery_days": (normal(4.0, 1.1, 20_000), normal(4.9, 1.1, 8_000)),
        "weight_kg": (skewed(0.5, 0.7, 20_000), 1000 * skewed(0.5, 0.7, 8_000)),
        "basket_value": (skewed(3.4, 1.6, 20_000), skewed(3.8, 1.6, 8_000)),
        "items": (
            rng.poisson(2.2, 20_000).astype(float),
            rng.poisson(3.0, 8_000).astype(float),
        ),
    }
    told = {
        "delivery_days": "mean rose by 0.9 (0.82 sd), from 4 to 4.9",
        "weight_kg": "mean rose by 2104 (980 sd), from 2.106 to 2106",
        "basket_value": "mean rose by 51.2 (0.12 sd), from 107 to 158.2",
        "items": "mean rose by 0.8 (0.54 sd), from 2.2 to 3",
    }
    found = {
        name: number_column(name, *sides, drifted=True, message=f"{name}: {told[name]}")
        for name, sides in numbers.items()
    }
    age = number_column(
        "customer_age",
        normal(44, 14, 20_000).round(),
        normal(44, 14, 6_000).round(),
        nulls=(0.004, 0.25),
        drifted=True,
        message="customer_age: nulls went from 0.4% to 25%",
    )
    channel = category_column(
        "channel",
        {"web": 11_000, "app": 6_000, "shop": 2_400, "phone": 600},
        {"web": 4_100, "mobile app": 2_500, "shop": 1_000, "phone": 240, "kiosk": 160},
        drifted=True,
        message="channel: app went from 30% to 0% of the rows",
    )
    gift = category_column(
        "is_gift",
        {"false": 18_200, "true": 1_800},
        {"false": 6_400, "true": 1_600},
        type_="boolean",
        drifted=True,
        message="is_gift: true went from 9% to 20% of the rows",
    )
    return {**found, "customer_age": age, "channel": channel, "is_gift": gift}


def _unmoved(rng: np.random.Generator) -> dict[str, ColumnComparison]:
    towns = {f"{name} am See": 900 - 17 * i for i, name in enumerate(_NAMES)}
    found = {
        "town": category_column("town", towns, {town: n // 2 for town, n in towns.items()}),
        "currency": category_column("currency", {"CHF": 19_000, "EUR": 1_000}, {"CHF": 8_000}),
    }
    for place, name in enumerate(_NAMES[:14]):
        size = 40 if place < 2 else 8_000
        draw = (rng.normal, rng.gamma, rng.uniform)[place % 3]
        found[f"{name.lower()}_score"] = number_column(
            f"{name.lower()}_score",
            draw(2.0, 3.0, 20_000),
            draw(2.0, 3.0, size),
            inconclusive=place < 2,
            message=f"{name.lower()}_score: too few rows to say" if place < 2 else "",
        )
    hours = rng.integers(0, 24, 20_000).astype(float)
    found["hour"] = number_column("hour", hours, hours[:8_000])
    found["a_very_long_name_that_somebody_gave_to_a_column.with.parts"] = number_column(
        "a_very_long_name_that_somebody_gave_to_a_column.with.parts", hours, hours[5_000:9_000]
    )
    return found


_NAMES = [
    *("Alp", "Birk", "Dorn", "Eich", "Fels", "Grund", "Hasel", "Insel", "Karst", "Linde"),
    *("Moor", "Nuss", "Ober", "Pfad", "Quell", "Ried", "Stein", "Tann", "Ufer", "Wald"),
]


def _checks() -> tuple[CheckResult, ...]:
    return (
        *(check(f"column {name.lower()} is there", passed=True) for name in _NAMES[:9]),
        check(
            "customer_age is given",
            passed=False,
            columns=("customer_age",),
            examples=tuple(
                {"order_id": f"A-{number}", "customer_age": None, "channel": "web", "town": ""}
                for number in (1029, 1033, 1051)
            ),
            failed_rows=2_000,
            rows=8_000,
            message="customer_age must not be null; 2,000 of 8,000 rows are",
        ),
        check(
            "weight_kg is plausible",
            passed=False,
            check="range",
            columns=("weight_kg",),
            examples=({"order_id": "A-1001", "weight_kg": "2104.7"},),
            failed_rows=7_998,
            rows=8_000,
            message="weight_kg must lie between 0 and 200; 7,998 of 8,000 rows do not",
        ),
        check(
            "orders are fresh",
            passed=False,
            check="freshness",
            severity="warning",
            columns=("created_at",),
            failed_rows=None,
            message="the newest created_at is 26 hours old; expected at most 24 hours",
        ),
        check(
            "invoice total adds up",
            passed=None,
            check="sql",
            columns=("net", "vat", "gross"),
            failed_rows=None,
            message="could not be decided: there is no column 'gross'",
        ),
    )


def _segments(rng: np.random.Generator) -> tuple[SegmentComparison, ...]:
    found = []
    for place, country in enumerate(("CH", "DE", "AT", "LI")):
        rows = (12_000, 5_000, 2_700, 60)[place]
        days = number_column(
            "delivery_days",
            rng.normal(4.0, 1.1, rows),
            rng.normal(5.3 if place == 1 else 4.0, 1.1, max(20, rows // 3)),
            drifted=place == 1,
            inconclusive=place == 3,
            message="delivery_days: mean rose by 1.3 (1.2 sd), from 4 to 5.3" if place == 1 else "",
        )
        found.append(
            SegmentComparison(
                segment=f"country={country}",
                reference_rows=rows,
                current_rows=rows // 3,
                drifted=place == 1,
                inconclusive=place == 3,
                columns={"delivery_days": days},
            )
        )
    return tuple(found)


def quiet() -> Comparison:
    """Nothing changed."""
    rng = np.random.default_rng(3)
    return comparison_of(
        {"score": number_column("score", rng.normal(0, 1, 5_000), rng.normal(0, 1, 5_000))},
        message="None of 1 columns drifted.",
    )


def too_small() -> Comparison:
    """Twelve rows."""
    rng = np.random.default_rng(4)
    column = number_column(
        "score",
        rng.normal(0, 1, 5_000),
        rng.normal(0, 1, 12),
        inconclusive=True,
        message="score: too few rows to say",
    )
    return comparison_of(
        {"score": column}, message="Too few rows to say: it takes about 40 on each side."
    )


def empty() -> Comparison:
    """No column, no row."""
    return comparison_of({}, message="There is nothing to compare.", reference="", current="")


def hostile() -> Comparison:
    """Every text that comes with the data tries to break out."""
    rng = np.random.default_rng(5)
    values = {HOSTILE: 50, f"{HOSTILE}y": 30, "حجم": 20, "": 5}
    columns = {
        HOSTILE: category_column(
            HOSTILE, values, {HOSTILE: 10, f"{HOSTILE}z": 90}, drifted=True, message=HOSTILE
        ),
        f"{HOSTILE}2": category_column(HOSTILE, values, values, message=HOSTILE),
        "حجم": number_column("حجم", rng.normal(0, 1, 100), rng.normal(0, 1, 100)),
        "": _bare("", drifted=True),
        "|`a`|\\": _bare("|`a`|\\", drifted=False),
    }
    return comparison_of(
        columns,
        checks=(
            check(
                HOSTILE,
                passed=False,
                check=HOSTILE,
                columns=(HOSTILE,),
                examples=({HOSTILE: HOSTILE, "b": None},),
                message=HOSTILE,
            ),
            check(f"{HOSTILE}2", passed=True, check=HOSTILE, columns=(HOSTILE,), message=HOSTILE),
        ),
        joint=JointDrift(
            drifted=True,
            auc=0.9,
            auc_low=0.8,
            auc_high=1.0,
            p_value=0.0,
            adjusted_p_value=0.0,
            rows=100,
            columns=(TellingColumn(column=HOSTILE, share=1.0),),
        ),
        segments=(
            SegmentComparison(
                segment=HOSTILE,
                reference_rows=3,
                current_rows=4,
                drifted=True,
                inconclusive=False,
                columns={HOSTILE: columns[HOSTILE]},
            ),
        ),
        vectors={HOSTILE: vector(HOSTILE, drifted=True), "": vector(HOSTILE, drifted=False)},
        notes=(HOSTILE,),
        reference=HOSTILE,
        current=HOSTILE,
        message=HOSTILE,
    )


def _bare(name: str, *, drifted: bool) -> ColumnComparison:
    """No value on either side: a number without a range, nothing but nulls, no finite p-value."""
    side = Summary(rows=5, null_ratio=1.0, misfit_ratio=0.0)
    return ColumnComparison(
        type="number",
        drifted=drifted,
        inconclusive=not drifted,
        p_value=None,
        adjusted_p_value=None,
        tests={},
        rule="psi > 0.2",
        effect=ColumnEffect(moved_ratio=math.nan, moved_low=0.0, moved_high=1.0),
        distances=Distances(psi=math.inf),
        quality=ColumnQuality(reference=side, current=side),
        distribution=Distribution(labels=("any",), edges=(), reference=(0,), current=(0,)),
        message=name,
    )


def large(columns: int = 50, *, drifted: bool = True) -> Comparison:
    """Many columns of numbers and of categories, all with everything that can be shown."""
    rng = np.random.default_rng(6)
    found: dict[str, ColumnComparison] = {}
    for place in range(columns):
        name = f"feature_{place:03}_with_a_name_of_ordinary_length"
        if place % 5 == 4:
            one = {f"value number {i}": int(rng.integers(20, 900)) for i in range(200)}
            two = {f"value number {i}": int(rng.integers(20, 900)) for i in range(100, 300)}
            found[name] = category_column(name, one, two, drifted=drifted)
        else:
            sides = rng.normal(0, 1, 5_000), rng.normal(0.5, 1.2, 5_000)
            found[name] = number_column(name, *sides, drifted=drifted)
    return comparison_of(found)
