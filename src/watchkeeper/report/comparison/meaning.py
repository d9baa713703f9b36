"""What a change may mean: the few patterns whose causes are well known, named as guesses."""

from __future__ import annotations

import math

from watchkeeper.comparison import ColumnComparison, Summary
from watchkeeper.report.wording import number, ratio

_NOTABLE = 0.02
_UNITS = {
    10.0: "a factor of 10",
    100.0: "a factor of 100 (such as units and cents, or shares and percent)",
    1000.0: "a factor of 1,000 (such as grams and kilograms, or milliseconds and seconds)",
    60.0: "a factor of 60 (such as minutes and seconds)",
    3600.0: "a factor of 3,600 (such as hours and seconds)",
    24.0: "a factor of 24 (such as days and hours)",
    1.609344: "a factor of 1.609 (miles and kilometres)",
    2.54: "a factor of 2.54 (inches and centimetres)",
    0.45359237: "a factor of 0.4536 (pounds and kilograms)",
    0.3048: "a factor of 0.3048 (feet and metres)",
}


def meanings(column: ColumnComparison) -> list[str]:
    """Return up to three sentences, the most telling first; none when nothing fits.

    They follow from shares, ranges and moments alone and are hints where to look, not findings.
    """
    one, two = column.quality.reference, column.quality.current
    if not one.rows or not two.rows:
        return []
    found = [
        _misfits(one, two),
        _nulls(one, two),
        _constant(one, two),
        _unit(column, one, two),
        _renamed(column) or _new_values(column),
        _gone(column),
        _piled(column),
        _outside(column, one, two),
        _spread(column, one, two),
    ]
    return [sentence for sentence in found if sentence][:3]


def _misfits(one: Summary, two: Summary) -> str | None:
    if two.misfit_ratio - one.misfit_ratio < _NOTABLE:
        return None
    return (
        f"{ratio(two.misfit_ratio)} of the values are of another type: the format or the encoding"
        " may have changed where they come from."
    )


def _nulls(one: Summary, two: Summary) -> str | None:
    if two.null_ratio - one.null_ratio >= _NOTABLE:
        if two.null_ratio > 0.995:
            return "No value comes any more: the field may have been dropped or renamed upstream."
        return "Values are missing that were there: a source, a join or a form may leave them out."
    if one.null_ratio - two.null_ratio >= _NOTABLE:
        return "Gaps are filled that were empty: a default may be written in, or a source repaired."
    return None


def _constant(one: Summary, two: Summary) -> str | None:
    if not (one.distinct or 0) > 1 or two.distinct != 1:
        return None
    return "Every value is the same now: the feed may be stuck, or a default may be filled in."


def _unit(column: ColumnComparison, one: Summary, two: Summary) -> str | None:
    before = (one.p25, one.p50, one.p75) if _has_quartiles(two) else (one.mean, one.sd)
    after = (two.p25, two.p50, two.p75) if _has_quartiles(two) else (two.mean, two.sd)
    ratios = [now / was for was, now in zip(before, after, strict=True) if was and now]
    if len(ratios) < len(before) or min(ratios) <= 0 or abs(column.effect.shift_sd or 0.0) < 0.1:
        return None
    for factor, words in _UNITS.items():
        near = 0.05 if factor >= 10 else 0.01
        for wanted in (factor, 1 / factor):
            if all(abs(math.log(got / wanted)) < near for got in ratios):
                return f"All values changed alike, by {words}: the unit may have changed."
    return None


def _has_quartiles(side: Summary) -> bool:
    """Whether quartiles are known: beyond the reference's range they may be cut off at its end."""
    known = (side.minimum, side.p25, side.p75, side.maximum)
    low, first, third, high = (math.nan if value is None else value for value in known)
    return low <= first <= third <= high


def _renamed(column: ColumnComparison) -> str | None:
    quality = column.quality
    came, went = _weight(column, new=True), _weight(column, new=False)
    alike = min(came, went) > 0.6 * max(came, went)
    if not quality.new_values or not quality.missing_values or came < _NOTABLE or not alike:
        return None
    return (
        "New values came about as often as others went: values may have been renamed, recoded or"
        " spelt differently."
    )


def _weight(column: ColumnComparison, *, new: bool) -> float:
    names = set(column.quality.new_values if new else column.quality.missing_values)
    side = column.quality.current if new else column.quality.reference
    return sum(rows for value, rows in (side.top or {}).items() if value in names) / side.rows


def _new_values(column: ColumnComparison) -> str | None:
    share = column.quality.current.unseen_ratio
    if not column.quality.new_value_count or share < _NOTABLE:
        return None
    return (
        f"{ratio(share)} of the rows have a value that the reference never had: a model trained"
        " on the reference does not know it."
    )


def _gone(column: ColumnComparison) -> str | None:
    if _weight(column, new=False) < _NOTABLE or _renamed(column):
        return None
    return "Values that were common came no more: part of the data may not have arrived."


def _piled(column: ColumnComparison) -> str | None:
    if column.effect.shift is None or not column.effect.most_changed:
        return None
    first = column.effect.most_changed[0]
    gained = first.current_ratio - first.reference_ratio
    single = not first.value.startswith(("[", "(", "<", ">")) and first.value != "null"
    if first.value == "misfit" or not single or gained < 0.05:
        return None
    return "One single value became much more frequent: a default or a cap may be filled in."


def _outside(column: ColumnComparison, one: Summary, two: Summary) -> str | None:
    if one.minimum is None or one.maximum is None or two.unseen_ratio < _NOTABLE:
        return None
    if column.distribution.edges is None:
        return None
    return (
        f"{ratio(two.unseen_ratio)} of the rows lie outside the reference's range,"
        f" {number(one.minimum)} to {number(one.maximum)}: a model has to extrapolate there."
    )


def _spread(column: ColumnComparison, one: Summary, two: Summary) -> str | None:
    if not one.sd or two.sd is None:
        return None
    shift, growth = abs(column.effect.shift_sd or 0.0), two.sd / one.sd
    if shift >= 0.1 and 0.9 < growth < 1.1:
        return (
            "The level moved and the spread stayed: a different mix of cases, a price or an offset"
            " may be behind it."
        )
    if shift < 0.1 and not 0.8 < growth < 1.25:
        how = "wider" if growth > 1 else "narrower"
        return f"The middle stayed and the spread is {how}: noise or the mix of cases may differ."
    return None
