"""What may stand in ``watchkeeper.yaml``, exactly as it is written there."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from watchkeeper.checks import Check
from watchkeeper.events import (
    BusinessMetric,
    Column,
    CostSettings,
    ObjectiveSettings,
    PrivacySettings,
    QualitySettings,
    RetentionSettings,
)
from watchkeeper.pipeline import ImportMapping

Season: TypeAlias = Literal["auto", "none"]

DEFAULT_BUDGET = "1 per 30d"
DEFAULT_STORE = "./watchkeeper-store"


def _text(*examples: str) -> Meta:
    return Meta(extra_json_schema={"examples": list(examples)})


class BaselineSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What normal looks like: rows of the data before some time, or a file of its own.

    Attributes
    ----------
    until
        Rows before this date or time are the reference; a time without zone is in `timezone`.
    file
        A file, folder or pattern that is the reference; relative to the folder of the settings.
    """

    until: Annotated[str, _text("2013-04-01", "2013-04-01T00:00:00Z")] | None = None
    file: Annotated[str, _text("reference.parquet")] | None = None


class EventSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A span that is expected to differ, such as a sale; from <= time < until.

    Attributes
    ----------
    name
        What people call it; the same name every year is learned as one event.
    from
        Its first moment: a date or time, in `timezone` when it names no zone.
    until
        The first moment after it.
    """

    name: Annotated[str, _text("sale")]
    start: Annotated[str, _text("2013-11-29")] = msgspec.field(name="from")
    until: Annotated[str, _text("2013-12-02")]


class PanderaFile(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag="pandera",
    tag_field="check",
):
    """The checks of a schema that Pandera wrote to YAML or JSON.

    Attributes
    ----------
    file
        The file, relative to the folder of the settings.
    """

    file: Annotated[str, _text("schema.yaml")]


class GreatExpectationsFile(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag="great_expectations",
    tag_field="check",
):
    """The checks of a suite of Great Expectations.

    Attributes
    ----------
    file
        Its JSON, relative to the folder of the settings.
    """

    file: Annotated[str, _text("suite.json")]


class SettingsFile(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Settings of Watchkeeper for one model; every key may be left out.

    Attributes
    ----------
    model
        Name of the model.
    time
        Column of the time of each row.
    columns
        The columns and what each is; only columns named here are watched. Left out: all columns of
        the reference that make sense.
    baseline
        What normal looks like.
    bucket
        How rows are cut: a length of time (5m, 1h, 1d) or a number of rows (1000rows). Left out: 1d
        with a time column, else 1000rows.
    budget
        Accepted false alarms, over all columns together: 1 per 30d, or 1 per 720 buckets. Left out:
        1 per 30d.
    season
        auto finds cycles of day, week and year in the baseline, none expects none. Left out: auto.
    holidays
        Country whose public holidays are no news, with or without its region: US or US-NY.
    events
        Spans that are expected to differ.
    segment_by
        Column whose most frequent values, up to 20, are watched each by itself too.
    timezone
        Zone of the clock that people live by, and of times that name none. Left out: UTC.
    lateness
        How long after the end of a bucket rows may still come before it is closed. Left out: 0, a
        bucket closes as soon as a later row has come.
    weights
        Importance of columns, above 0; 1 for those not named.
    ignore
        Columns to leave out.
    checks
        What must hold for the data; checked by `watchkeeper compare`.
    import
        Which column of a file is what of a record, for `watchkeeper import`.
    privacy
        What of a record is changed before it is stored, once `watchkeeper apply` put it in force.
    retention
        How long what is stored is kept, once `watchkeeper apply` put it in force.
    objectives
        Shares of predictions that must have no error, or be fast; in force by `watchkeeper apply`.
    costs
        What predictions cost where they do not say, and what a month may cost; in force by
        `watchkeeper apply`.
    quality
        What is predicted, and by what it is measured once labels come; in force by
        `watchkeeper apply`, and read by backtest and compare.
    business
        Metrics of what people do with the predictions, ready-made or in SQL; in force by
        `watchkeeper apply`.
    shadow_of
        Name of the model whose traffic this one sees too, without serving its answers; in force by
        `watchkeeper apply`.
    store
        Folder of the store, relative to the folder of the settings. Left out: ./watchkeeper-store.
    """

    model: Annotated[str, _text("flights-delay")] | None = None
    time: str | None = None
    columns: dict[str, Column] | None = None
    baseline: BaselineSettings | None = None
    bucket: Annotated[str, _text("1h", "1d", "1000rows")] | None = None
    budget: Annotated[str, _text("1 per 30d", "1 per 720 buckets")] | None = None
    season: Season | None = None
    holidays: Annotated[str, _text("US", "US-NY")] | None = None
    events: list[EventSettings] | None = None
    segment_by: str | None = None
    timezone: Annotated[str, _text("America/New_York", "UTC")] | None = None
    lateness: Annotated[str, _text("10m")] | None = None
    weights: dict[str, float] | None = None
    ignore: list[str] | None = None
    checks: list[Check | PanderaFile | GreatExpectationsFile] | None = None
    import_mapping: ImportMapping | None = msgspec.field(name="import", default=None)
    privacy: PrivacySettings | None = None
    retention: RetentionSettings | None = None
    objectives: list[ObjectiveSettings] | None = None
    costs: CostSettings | None = None
    quality: QualitySettings | None = None
    business: list[BusinessMetric] | None = None
    shadow_of: Annotated[str, _text("churn")] | None = None
    store: Annotated[str, _text(DEFAULT_STORE)] | None = None
