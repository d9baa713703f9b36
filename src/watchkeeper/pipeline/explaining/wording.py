"""An explanation in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from watchkeeper.diagnosis import Coincidence, Estimate, Impact, Segment
from watchkeeper.pipeline.explaining.finding import Finding

_MOST_COINCIDENCES = 3


def conclusions(
    findings: Sequence[Finding], coincidences: Sequence[Coincidence], impact: Impact | None
) -> tuple[str, ...]:
    """Return what was found in sentences, most important first."""
    told: list[str] = []
    for one in findings:
        told += _of_finding(one)
        if one.kind == "quality" and impact is not None and impact.per_day.is_told:
            told.append(_impact(impact))
    told += [f"At the same time: {found.text}." for found in coincidences[:_MOST_COINCIDENCES]]
    return tuple(told)


def _of_finding(one: Finding) -> Iterator[str]:
    amounts = f"{shown(one.reference_mean, one)} in the reference, {shown(one.mean, one)} now"
    name = {"errors": "Errors", "absolute error": "The mean absolute error"}.get(
        one.quantity, one.quantity
    )
    if not one.change.is_told:
        yield f"{name}: {amounts}, a difference that chance explains."
    else:
        yield f"{name}: {amounts}."
    if one.split is not None and one.change.is_told:
        yield from _parts(one)
    for mix in one.mixes:
        if mix.split.is_paradox:
            yield (
                f"It is the mix of {mix.column} that changed: within its groups the change is"
                f" {_difference(mix.split.within, one)}, of {_difference(mix.split.change, one)}"
                " over all."
            )
    if one.segments:
        yield f"It is largest where {_segment(one.segments[0], one)}."
        for other in one.segments[1:3] if one.kind == "quality" else ():
            yield f"Also where {_segment(other, one)}."
    elif one.change.is_told:
        yield f"No segment stands out among the {one.rows:,} rows: it is spread over all of them."


def _parts(one: Finding) -> Iterator[str]:
    split = one.split
    assert split is not None
    if split.inputs is None or split.relationship is None:
        yield "Inputs share too little with the reference's to tell inputs from relationship."
    else:
        inputs, relation = split.inputs, split.relationship
        which = "Whether inputs or relationship changed cannot be told apart with so few rows"
        if inputs.is_told and relation.is_told:
            which = "The change comes from both"
        elif inputs.is_told:
            which = "The change comes from the inputs"
        elif relation.is_told:
            which = "The change comes from the relationship of inputs and outcome"
        yield (
            f"{which}: inputs {_difference(inputs, one)}, relationship"
            f" {_difference(relation, one)}."
        )
    if split.outside_ratio >= 0.01:
        where = f", mostly where {split.outside.text}" if split.outside is not None else ""
        yield (
            f"{split.outside_ratio:.0%} of the predictions have inputs that the reference hardly"
            f" has{where}; which of the two it is there cannot be known."
        )


def _segment(segment: Segment, one: Finding) -> str:
    text = f"{segment.text} ({segment.ratio:.1%} of the predictions"
    if segment.share is not None and segment.share > 0.0:
        text += f", {min(segment.share, 9.99):.0%} of the change"
    if segment.expected is None:
        return f"{text}): {shown(segment.mean, one)} now, not seen in the reference"
    return f"{text}): {shown(segment.expected, one)} became {shown(segment.mean, one)}"


def _difference(found: Estimate, one: Finding) -> str:
    if found.low is None or found.high is None:
        return _signed(found.value, one)
    low, high = _signed(found.low, one), _signed(found.high, one)
    return f"{_signed(found.value, one)} ({low} to {high})"


def _impact(impact: Impact) -> str:
    text = f"It makes {_amount(impact.per_day)} {_more(impact.per_day)} {impact.quantity} a day"
    if impact.quantity == "absolute error":
        text = f"Summed over a day it is {_amount(impact.per_day)} {_more(impact.per_day)}"
    cost = impact.cost_per_day
    if cost is not None:
        unit = f" {impact.cost_unit}" if impact.cost_unit else ""
        text += f", and costs {_whole(cost.value)}{unit} a day"
        if cost.low is not None and cost.high is not None:
            text += f" ({_whole(cost.low)} to {_whole(cost.high)})"
    return f"{text}."


def _amount(found: Estimate) -> str:
    low, high = sorted((abs(found.low or 0.0), abs(found.high or 0.0)))
    return f"{_whole(abs(found.value))} ({_whole(low)} to {_whole(high)})"


def _whole(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}"


def _more(found: Estimate) -> str:
    return "more" if found.value > 0.0 else "fewer"


def shown(value: float, one: Finding) -> str:
    """Return a value of a finding's quantity as text."""
    return f"{100.0 * value:.3g} %" if one.is_ratio else f"{value:,.4g}"


def _signed(value: float, one: Finding) -> str:
    return f"{100.0 * value:+.2g} points" if one.is_ratio else f"{value:+,.3g}"
