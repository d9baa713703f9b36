"""Who is told of what, exactly as it is written in ``alerts.yaml``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, TypeAlias, get_args

import msgspec
from msgspec import Meta

from watchkeeper.actions import ChannelSettings, Severity, Source

SCOPE = "alerts"

Day: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = get_args(Day)


def _text(*examples: str) -> Meta:
    return Meta(extra_json_schema={"examples": list(examples)})


class QuietHours(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A time of the day in which messages wait; they come as one when it ends.

    Attributes
    ----------
    from
        When it begins, by the clock of `timezone`.
    until
        When it ends; not later than `from`: on the next day.
    days
        Days on which it begins. Left out: every day.
    timezone
        Zone of the clock. Left out: UTC.
    critical_passes
        Whether what is critical is told at once all the same. Left out: true.
    """

    start: Annotated[str, _text("22:00")] = msgspec.field(name="from")
    until: Annotated[str, _text("07:00")]
    days: list[Day] | None = None
    timezone: Annotated[str, _text("Europe/Zurich")] = "UTC"
    critical_passes: bool = True


class Route(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Which incidents go to which channels. The first route that fits an incident decides.

    Attributes
    ----------
    models
        Names of models, or patterns: `fraud-*`. Left out: all.
    severity
        Only incidents so severe. Left out: all.
    sources
        Only what was noticed by these. Left out: all.
    channels
        Who is told; an empty list tells nobody.
    quiet
        When messages of this route wait.
    """

    models: Annotated[list[str], _text("fraud-*")] | None = None
    severity: Severity | None = None
    sources: list[Source] | None = None
    channels: list[str]
    quiet: list[QuietHours] | None = None


class AlertSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Who is told of incidents.

    Attributes
    ----------
    public_url
        Where the server is reached from outside, for links and pictures.
    channels
        The ways out, by a name of yours.
    routes
        Which incidents go where. Left out: everything to every channel, at once.
    """

    public_url: Annotated[str, _text("https://watch.example.com")] | None = None
    channels: dict[str, ChannelSettings]
    routes: list[Route] | None = None

    def all_routes(self) -> Sequence[Route]:
        """Return the routes, those left out filled in."""
        return [Route(channels=list(self.channels))] if self.routes is None else self.routes


def settings_to_bytes(settings: AlertSettings) -> bytes:
    """Return settings as canonical JSON, to be kept."""
    return msgspec.json.encode(settings, order="sorted")


def settings_from_bytes(data: bytes) -> AlertSettings:
    """Return the settings that were kept."""
    return msgspec.json.decode(data, type=AlertSettings)
