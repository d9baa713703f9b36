"""By what the quality of a model is measured: settings, segments, and its reference."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from watchkeeper.errors import WatchkeeperError
from watchkeeper.events import QualitySettings
from watchkeeper.metrics.quality import METRICS, QualityChoice, Task
from watchkeeper.pipeline.opened import open_baseline
from watchkeeper.pipeline.quality.answer_forms import AnswerForms
from watchkeeper.pipeline.quality.item_facts import ItemFacts, item_facts
from watchkeeper.pipeline.quality.seen import PROBABILITY, Seen
from watchkeeper.pipeline.quality.task import TaskPlan
from watchkeeper.pipeline.stored_columns import candidates
from watchkeeper.store import Store

MOST_HORIZONS = 50
"""Numbers of steps ahead that forecasts are told apart by."""


class QualityPlan(msgspec.Struct, frozen=True, kw_only=True):
    """All that decides what cells say, apart from the rows.

    Attributes
    ----------
    segment_by, segments
        Of the baseline in use.
    reference
        Its version, and its first moment and the first after it, seconds since 1970.
    is_ranked
        Whether answers are lists of items, and feedback tells how good they were.
    traits
        Revision of the items' traits; 0 without any.
    most_horizons
        So many numbers of steps ahead are told apart, the nearest; 0 without a column of them.
    """

    settings: QualitySettings = QualitySettings()
    segment_by: str | None = None
    segments: tuple[str, ...] = ()
    reference: tuple[int, int, int] | None = None
    is_ranked: bool = False
    traits: int = 0
    most_horizons: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """Stored columns that are read of each prediction, besides version and variant."""
        return tuple(dict.fromkeys(("output", PROBABILITY, *self.group_columns)))

    @property
    def group_columns(self) -> tuple[str, ...]:
        """Stored columns that may tell the segment, or the steps ahead."""
        named = [name for name in (self.segment_by, self.settings.horizon) if name]
        return tuple(dict.fromkeys(column for name in named for column in candidates(name)))


class KeptPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan as it is kept with the progress, with what was seen by it."""

    plan: QualityPlan = QualityPlan()
    seen: Seen = Seen()
    task: TaskPlan | None = None
    why_not: str | None = None

    def to_bytes(self) -> bytes:
        """Return it for the store."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def from_bytes(cls, payload: bytes) -> KeptPlan:
        """Read what `to_bytes` wrote; nothing is an empty plan."""
        return msgspec.msgpack.decode(payload, type=cls) if payload else cls()


def plan_of(
    store: Store, model: str, version: int | None, *, forms: AnswerForms, traits: int
) -> QualityPlan:
    """Return by what a model is measured now, with the baseline of a version."""
    settings = store.operating.in_force(model).quality or QualitySettings()
    is_ranked = forms.is_ranked(model, settings.task)
    plan = QualityPlan(
        settings=settings,
        is_ranked=is_ranked,
        traits=traits if is_ranked else 0,
        most_horizons=MOST_HORIZONS if settings.horizon and not is_ranked else 0,
    )
    if version is None:
        return plan
    try:
        opened = open_baseline(store, model, version)
    except (WatchkeeperError, msgspec.MsgspecError):
        return plan  # the watch of this model tells of it
    start = opened.fitted.start
    first = 0 if start is None else int(start.timestamp())
    return msgspec.structs.replace(
        plan,
        segment_by=opened.setup.segment_by,
        segments=opened.setup.segments,
        reference=(version, first, int(opened.setup.begins.timestamp())),
    )


def measured_plan(store: Store, model: str) -> QualityPlan | None:
    """Return by what a model's cells are measured; ``None`` while labels wait to be.

    Then the cells say less than what has come.
    """
    progress = store.quality.progress(model)
    newest = store.quality.rows.models().get(model, 0)
    if not progress.plan or progress.sequence < newest or store.quality.pending(model):
        return None
    return KeptPlan.from_bytes(progress.plan).plan


def choice_of(settings: QualitySettings, task: Task) -> QualityChoice:
    """Return what metrics need to know; chosen metrics of other tasks are left out."""
    fitting = tuple(name for name in settings.metrics if task in METRICS[name].tasks)
    needs = {"cost": settings.cost_matrix, "pinball": settings.quantile}
    return QualityChoice(
        metrics=tuple(name for name in fitting if needs.get(name, True) is not None),
        threshold=settings.threshold,
        beta=settings.beta,
        cost_matrix=settings.cost_matrix,
        quantile=settings.quantile,
        top_k=settings.top_k,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """A plan whose task is known.

    Parameters
    ----------
    facts
        What is known of the items of ranked lists.
    """

    plan: QualityPlan
    task: TaskPlan
    facts: ItemFacts = field(default_factory=ItemFacts)

    @property
    def choice(self) -> QualityChoice:
        """What metrics need to know."""
        return choice_of(self.plan.settings, self.task.task)


def measuring_of(store: Store, model: str, plan: QualityPlan, task: TaskPlan) -> Measuring:
    """Return a plan with its task, and what is known of the items of ranked lists."""
    if task.task != "ranking":
        return Measuring(plan=plan, task=task)
    facts = item_facts(store, model, catalogue=plan.settings.catalogue)
    return Measuring(plan=plan, task=task, facts=facts)
