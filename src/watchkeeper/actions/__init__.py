"""Outward effects: one message sent by one channel.

What lives here: what a message is, the channels that carry it (webhook, Apprise, PagerDuty), what
their settings look like, and the picture that goes with it. What does not: when to send, to whom,
and what was sent before; this room knows no store.
"""

from watchkeeper.actions.channel import Channel, Sent
from watchkeeper.actions.notice import Event, IncidentEvent, IncidentFacts, Notice, Severity, Source
from watchkeeper.actions.opening import channel_of
from watchkeeper.actions.placeholders import Secrets
from watchkeeper.actions.secrecy import faults_of
from watchkeeper.actions.settings import (
    AppriseSettings,
    ChannelSettings,
    PagerDutySettings,
    WebhookSettings,
    goes_together,
    kind_of,
)

__all__ = [
    "AppriseSettings",
    "Channel",
    "ChannelSettings",
    "Event",
    "IncidentEvent",
    "IncidentFacts",
    "Notice",
    "PagerDutySettings",
    "Secrets",
    "Sent",
    "Severity",
    "Source",
    "WebhookSettings",
    "channel_of",
    "faults_of",
    "goes_together",
    "kind_of",
]
