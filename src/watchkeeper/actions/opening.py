"""From the settings of a channel to the channel."""

from __future__ import annotations

from watchkeeper.actions.channel import Channel
from watchkeeper.actions.pagerduty import PagerDuty
from watchkeeper.actions.placeholders import Secrets
from watchkeeper.actions.settings import AppriseSettings, ChannelSettings, WebhookSettings
from watchkeeper.actions.webhook import Webhook


def channel_of(settings: ChannelSettings, secrets: Secrets) -> Channel:
    """Return a channel with its secrets filled in, for one message.

    Raises
    ------
    SetupError
        If the environment lacks one.
    """
    if isinstance(settings, WebhookSettings):
        return Webhook(
            url=secrets.resolve(settings.url),
            secret=None if settings.secret is None else secrets.resolve(settings.secret),
            with_picture=settings.picture,
        )
    if isinstance(settings, AppriseSettings):
        from watchkeeper.actions.apprise import Apprise

        return Apprise(url=secrets.resolve(settings.url), with_picture=settings.picture)
    return PagerDuty(
        url=secrets.resolve(settings.url), routing_key=secrets.resolve(settings.routing_key)
    )
