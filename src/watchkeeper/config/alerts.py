"""``alerts.yaml``: read once, checked, every problem named with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import msgspec

from watchkeeper.actions import faults_of
from watchkeeper.config.loading import read_text
from watchkeeper.config.problems import Path as Place
from watchkeeper.config.problems import Problems
from watchkeeper.config.reading import read
from watchkeeper.config.yaml_tree import parse
from watchkeeper.errors import SettingsError, nearest
from watchkeeper.pipeline.alerting import AlertSettings, QuietHours, clock_time

_CHANNEL = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_PUBLIC = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")


def load_alerts(path: str | Path) -> AlertSettings:
    """Read who is told of incidents.

    Raises
    ------
    SettingsError
        If something in it cannot be used, or would give a secret away; the message has a line for
        each problem, with file and line.
    """
    if not Path(path).exists():
        message = f"there are no settings at {path}; docs/alerts.md shows some to begin with"
        raise SettingsError(message)
    return read_alerts(read_text(Path(path)), str(path))


def read_alerts(text: str, file: str) -> AlertSettings:
    """Return the settings of a file, all of which can be used.

    Raises
    ------
    SettingsError
        If something in it cannot be used.
    """
    problems = Problems(file=file)
    values = read(parse(text, file), problems, AlertSettings)
    if values is not None:
        settings = msgspec.convert(values, AlertSettings)
        for place, message in _faults(settings, problems):
            problems.at(place, message)
        if not problems:
            return settings
    raise problems.error()


def _faults(settings: AlertSettings, problems: Problems) -> Iterator[tuple[Place, str]]:
    if settings.public_url is not None and not _PUBLIC.fullmatch(settings.public_url):
        yield ("public_url",), "must be an address such as https://watch.example.com"
    if not settings.channels:
        yield ("channels",), "is empty; name at least one channel"
    for name, channel in settings.channels.items():
        if not _CHANNEL.fullmatch(name):
            yield (
                ("channels", name),
                "must be up to 40 small letters, digits, '-' or '_', such as 'team'",
            )
        for field, message in faults_of(channel):
            yield ("channels", name, field), message
    for at, route in enumerate(settings.routes or []):
        place = problems.place(("routes",), at)
        for n, channel_name in enumerate(route.channels):
            if channel_name not in settings.channels:
                known = nearest(channel_name, settings.channels)
                where = problems.place((*place, "channels"), n)
                yield where, f"is {channel_name!r}; there is no such channel.{known}"
        for n, quiet in enumerate(route.quiet or []):
            yield from _quiet_faults(quiet, problems.place((*place, "quiet"), n))


def _quiet_faults(quiet: QuietHours, place: Place) -> Iterator[tuple[Place, str]]:
    for name, text in (("from", quiet.start), ("until", quiet.until)):
        if clock_time(text) is None:
            yield (*place, name), f"is {text!r}; it must be a time of the day such as '22:00'"
    try:
        ZoneInfo(quiet.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = nearest(quiet.timezone, available_timezones())
        yield (*place, "timezone"), f"is {quiet.timezone!r}, which is no time zone.{known[:80]}"
