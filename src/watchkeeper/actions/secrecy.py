"""Which settings of a channel would give a secret away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from watchkeeper.actions.placeholders import (
    has_placeholder,
    is_placeholder,
    without_placeholders,
)
from watchkeeper.actions.settings import AppriseSettings, ChannelSettings, WebhookSettings

_TELLING: Final = ("token", "key", "secret", "sig", "password", "pass", "auth", "code")
# Their addresses are secrets: whoever has one may post.
_SECRET_HOSTS: Final = ("hooks.slack.com", "discord.com", "logic.azure.com", "office.com")
_THEN: Final = "and set the environment variable NAME for the server"


def faults_of(settings: ChannelSettings) -> Iterator[tuple[str, str]]:
    """Yield what is wrong: the setting, and a message that goes on from its name."""
    if isinstance(settings, AppriseSettings):
        if not has_placeholder(settings.url):
            yield "url", "holds a password or token; write it as ${NAME}, " + _THEN
        return
    if isinstance(settings, WebhookSettings):
        if settings.secret is not None and not is_placeholder(settings.secret):
            yield "secret", "is a secret and must not stand here; write ${NAME}, " + _THEN
    elif not is_placeholder(settings.routing_key):
        yield "routing_key", "is a secret and must not stand here; write ${NAME}, " + _THEN
    fault = _fault_of_url(settings.url)
    if fault:
        yield "url", fault


def _fault_of_url(url: str) -> str:
    if is_placeholder(url):
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "is no URL; expected one such as https://ops.example.com/watchkeeper"
    if parts.scheme not in {"http", "https"} or not host:
        return "must begin with https:// or http:// and name a host, or be ${NAME}"
    if without_placeholders(parts.password or ""):
        return "holds a password; write it as ${NAME}, " + _THEN
    for name, value in parse_qsl(without_placeholders(parts.query)):
        if value and any(part in name.lower() for part in _TELLING):
            return f"holds a secret, {name!r}; write its value as ${{NAME}}, " + _THEN
    is_secret = any(host == one or host.endswith("." + one) for one in _SECRET_HOSTS)
    if is_secret and not has_placeholder(url):
        return "is a secret by itself; write it as ${NAME}, " + _THEN
    return ""
