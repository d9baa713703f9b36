"""Where messages go, exactly as it is written in the settings."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta


def _text(*examples: str) -> Meta:
    return Meta(extra_json_schema={"examples": list(examples)})


class WebhookSettings(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag="webhook",
    tag_field="kind",
):
    """A program of yours that takes CloudEvents over HTTP.

    Attributes
    ----------
    url
        Where to post; may hold `${NAME}`.
    secret
        Signs every message, so that the receiver knows it is ours: `${NAME}`.
    picture
        Whether the message holds the picture. Left out: true.
    digest
        Whether what happens within a minute is one message. Left out: false, one for each event.
    """

    url: Annotated[str, _text("https://ops.example.com/watchkeeper")]
    secret: Annotated[str, _text("${WEBHOOK_SECRET}")] | None = None
    picture: bool = True
    digest: bool = False


class AppriseSettings(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag="apprise",
    tag_field="kind",
):
    """Slack, Teams, e-mail and a hundred others, by Apprise.

    Attributes
    ----------
    url
        As Apprise writes it, or a part of it, in the environment: `${NAME}`.
    picture
        Whether the picture is attached where that works. Left out: true.
    digest
        Whether what happens within a minute is one message. Left out: true.
    """

    url: Annotated[str, _text("${SLACK_URL}", "mailtos://${MAIL_LOGIN}@mail.example.com?to=a@b.c")]
    picture: bool = True
    digest: bool = True


class PagerDutySettings(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag="pagerduty",
    tag_field="kind",
):
    """PagerDuty, or whatever speaks its Events API v2; one alert for each incident.

    Attributes
    ----------
    routing_key
        Key of the service's integration: `${NAME}`.
    url
        Where to post. Left out: PagerDuty's own address.
    """

    routing_key: Annotated[str, _text("${PAGERDUTY_KEY}")]
    url: Annotated[str, _text("https://events.eu.pagerduty.com/v2/enqueue")] = (
        "https://events.pagerduty.com/v2/enqueue"
    )


ChannelSettings: TypeAlias = WebhookSettings | AppriseSettings | PagerDutySettings


def kind_of(settings: ChannelSettings) -> str:
    """Return the kind of a channel, as settings name it."""
    return str(settings.__struct_config__.tag)


def goes_together(settings: ChannelSettings) -> bool:
    """Return whether what happens within a minute is one message."""
    return not isinstance(settings, PagerDutySettings) and settings.digest
