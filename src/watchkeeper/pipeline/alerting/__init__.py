"""Who is told of which incident: settings, the outbox that they fill, and how it is emptied.

What lives here: routes and quiet hours, what is told once and what again, words, and attempts until
a message is taken. What does not: how a channel works, which is in ``actions``, and when to look,
which the server knows.
"""

from watchkeeper.pipeline.alerting.composing import notice_of_test
from watchkeeper.pipeline.alerting.outbox import Outbox, link_to
from watchkeeper.pipeline.alerting.picturing import picture_of
from watchkeeper.pipeline.alerting.routing import clock_time, quiet_until, route_of
from watchkeeper.pipeline.alerting.sending import Outcome, Sender, send
from watchkeeper.pipeline.alerting.settings import (
    SCOPE,
    AlertSettings,
    QuietHours,
    Route,
    settings_from_bytes,
    settings_to_bytes,
)
from watchkeeper.pipeline.alerting.telling import Happening, Told, due_notices, told_of

__all__ = [
    "SCOPE",
    "AlertSettings",
    "Happening",
    "Outbox",
    "Outcome",
    "QuietHours",
    "Route",
    "Sender",
    "Told",
    "clock_time",
    "due_notices",
    "link_to",
    "notice_of_test",
    "picture_of",
    "quiet_until",
    "route_of",
    "send",
    "settings_from_bytes",
    "settings_to_bytes",
    "told_of",
]
