"""Who carries an incident: columns, their part in the evidence, effects and distances."""

from __future__ import annotations

from collections.abc import Callable

from watchkeeper.report import magnitude
from watchkeeper.report.markup import Child, Markup, element, join, label
from watchkeeper.report.wording import count, name, number, ratio
from watchkeeper.watch import CategoryChange, Effect, Incident, StreamEvidence

_MOST_STREAMS = 8
_MOST_DISTANCES = 50

_DISTANCES: tuple[tuple[str, Callable[[Effect], float | None]], ...] = (
    ("PSI", lambda effect: effect.psi),
    ("Jensen–Shannon", lambda effect: effect.jensen_shannon),
    ("Hellinger", lambda effect: effect.hellinger),
    ("Wasserstein-1", lambda effect: effect.wasserstein),
    ("Kolmogorov–Smirnov", lambda effect: effect.kolmogorov_smirnov),
    ("Chi-square", lambda effect: effect.chi_square),
    ("Total variation", lambda effect: effect.total_variation),
    ("L∞", lambda effect: effect.l_infinity),
)


def stream_table(incident: Incident) -> Markup | None:
    """Table of the strongest columns, largest part first."""
    if not incident.streams:
        return None
    shown = incident.streams[:_MOST_STREAMS]
    rest = len(incident.streams) - len(shown)
    heads = [
        ("Column", ""),
        ("Part in the evidence", "share"),
        ("Expected", "number"),
        ("Observed", "number"),
        ("Shift", "number spare"),
        ("PSI", "number spare"),
        ("JS", "number spare"),
    ]
    return join(
        [
            _scroll("Columns that carry the incident", heads, [_row(stream) for stream in shown]),
            element("p", f"And {count(rest, 'weaker column')} below.", class_="explain")
            if rest
            else None,
        ]
    )


def _row(stream: StreamEvidence) -> Markup:
    effect = stream.effect
    return element(
        "tr",
        element("th", _column(stream), scope="row"),
        element("td", _bar(stream.share), class_="share"),
        element("td", magnitude.before(stream), class_="number"),
        element("td", magnitude.after(stream), class_="number"),
        element("td", _shift(effect), class_="number spare"),
        element("td", number(effect.psi), class_="number spare"),
        element("td", number(effect.jensen_shannon), class_="number spare"),
    )


def _column(stream: StreamEvidence) -> Markup:
    shown = label(stream.column, longest=40)
    where = f", {name(stream.segment, longest=40)}" if stream.segment else ""
    return join(
        [
            element("strong", shown) if stream.significant else shown,
            element("small", f"{magnitude.subject(stream)}, {stream.aspect}{where}"),
        ]
    )


def _bar(share: float) -> Markup:
    percent = 100 * min(1.0, max(0.0, share))
    bar = element("span", element("i", style=f"width:{percent:.3g}%"), class_="bar")
    return join([bar, element("span", ratio(share), class_="number")])


def _shift(effect: Effect) -> Child:
    if effect.shift is None:
        return "–"
    sd = effect.shift_sd
    rest = element("small", f"{number(sd, signed=True)} sd") if sd is not None else None
    return [number(effect.shift, signed=True), rest]


def distance_table(incident: Incident) -> Markup | None:
    """Everything measured about each column, folded away."""
    if not incident.streams:
        return None
    shown = incident.streams[:_MOST_DISTANCES]
    heads = [("Column", ""), *((title, "number") for title, _ in _DISTANCES)]
    heads += [("Nulls", "number"), ("Unseen", "number"), ("Evidence", "number")]
    changed = [(stream, stream.effect.most_changed) for stream in shown]
    return element(
        "details",
        element("summary", "All distances and the values that changed most"),
        _scroll("Distances", heads, [_distances(stream) for stream in shown]),
        [_changes(stream, changes) for stream, changes in changed[:_MOST_STREAMS] if changes],
    )


def _distances(stream: StreamEvidence) -> Markup:
    effect = stream.effect
    nulls = f"{ratio(effect.before_null_ratio)} → {ratio(effect.after_null_ratio)}"
    cells = [number(measure(effect)) for _, measure in _DISTANCES]
    cells += [nulls, ratio(effect.unseen_ratio), f"{number(stream.score)} ×"]
    return element(
        "tr",
        element("th", label(stream.column, longest=40), scope="row"),
        [element("td", cell, class_="number") for cell in cells],
    )


def _changes(stream: StreamEvidence, changes: tuple[CategoryChange, ...]) -> Markup:
    rows = [
        element(
            "tr",
            element("th", label(change.value, longest=48), scope="row"),
            element("td", ratio(change.before_ratio), class_="number"),
            element("td", ratio(change.after_ratio), class_="number"),
        )
        for change in changes[:10]
    ]
    heads = [(stream.column, ""), ("Expected", "number"), ("Observed", "number")]
    return _scroll(f"Values of {name(stream.column)} that changed most", heads, rows)


def _scroll(caption: str, heads: list[tuple[str, str]], rows: list[Markup]) -> Markup:
    cells = [
        element("th", label(head, longest=40), scope="col", class_=class_ or None)
        for head, class_ in heads
    ]
    grid = element("table", element("thead", element("tr", cells)), element("tbody", rows))
    return element("div", grid, class_="scroll", tabindex=0, role="region", aria_label=caption)
