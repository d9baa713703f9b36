"""An explanation in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from watchkeeper.diagnosis import Coincidence, Estimate, Impact, Segment
from watchkeeper.events import EXPLANATION
from watchkeeper.pipeline.explaining.finding import Finding
from watchkeeper.watch import Incident, no_input_moved

_MOST_COINCIDENCES = 3
_LEAST_PART = 0.1
_UNKNOWN = "Whether inputs or relationship changed cannot be told apart with so few rows"
# Whether the inputs are told, and the relationship.
_OF_LOSSES = {
    (False, False): _UNKNOWN,
    (True, True): "The change comes from both",
    (True, False): "The change comes from the inputs",
    (False, True): "The change comes from the relationship of inputs and outcome",
}
_OF_REASONS = {
    (False, False): _UNKNOWN,
    (True, True): "The inputs changed, and for the same inputs the model gives other reasons",
    (True, False): "The inputs changed, each or in how they come together; for the same inputs the"
    " model gives the same reasons",
    (False, True): "For the same inputs the model gives other reasons: it, or how it is explained,"
    " changed",
}


def conclusions(
    findings: Sequence[Finding],
    coincidences: Sequence[Coincidence],
    impact: Impact | None,
    incident: Incident | None = None,
) -> tuple[str, ...]:
    """Return what was found in sentences, most important first.

    Parameters
    ----------
    incident
        Of the data, if it is one that is explained.
    """
    told = [*_of_reasons(incident)]
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
    if one.about.startswith(EXPLANATION):
        name = f"{name[0].upper()}{name[1:]} to the output"
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
        for other in one.segments[1:3] if one.kind in {"quality", "business"} else ():
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
        which = _OF_LOSSES[inputs.is_told, relation.is_told]
        if one.about.startswith(EXPLANATION):
            which = _OF_REASONS[_counts(inputs, relation), _counts(relation, inputs)]
        yield (
            f"{which}: inputs {_difference(inputs, one)},"
            f" relationship {_difference(relation, one)}."
        )
    if split.outside_ratio >= 0.01:
        where = f", mostly where {split.outside.text}" if split.outside is not None else ""
        yield (
            f"{split.outside_ratio:.0%} of the predictions have inputs that the reference hardly"
            f" has{where}; which of the two it is there cannot be known."
        )


def _counts(part: Estimate, other: Estimate) -> bool:
    """Return whether a part is one to speak of, beside the other.

    A contribution follows from inputs without noise, so that the least bias of a fit to them would
    be told from nothing.
    """
    return part.is_told and abs(part.value) >= _LEAST_PART * abs(other.value)


def _of_reasons(incident: Incident | None) -> Iterator[str]:
    if incident is not None and no_input_moved(incident):
        yield "What features contribute to the output moved, and no input by itself."


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
