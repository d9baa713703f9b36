"""Secrets stand in the environment, not in settings, and not in what is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.actions import (
    AppriseSettings,
    ChannelSettings,
    PagerDutySettings,
    Secrets,
    WebhookSettings,
    faults_of,
)


@pytest.mark.parametrize(
    "settings",
    [
        WebhookSettings(url="https://ops.example.com/hook"),
        WebhookSettings(url="http://127.0.0.1:9/hook", secret="${S}"),
        WebhookSettings(url="${URL}"),
        WebhookSettings(url="https://user:${PASSWORD}@ops.example.com/?token=${T}"),
        WebhookSettings(url="https://hooks.slack.com/services/${PATH_}"),
        AppriseSettings(url="mailtos://${LOGIN}@mail.example.com?to=a@b.c"),
        PagerDutySettings(routing_key="${KEY}"),
    ],
)
def test_settings_without_secrets_are_fine(settings: ChannelSettings) -> None:
    assert list(faults_of(settings)) == []


@pytest.mark.parametrize(
    ("settings", "where", "why"),
    [
        (WebhookSettings(url="https://a.example", secret="hunter2"), "secret", "write ${NAME}"),
        (WebhookSettings(url="https://a.example", secret="x${S}"), "secret", "write ${NAME}"),
        (WebhookSettings(url="https://u:pw@a.example/"), "url", "holds a password"),
        (WebhookSettings(url="https://a.example/?api_key=abc"), "url", "'api_key'"),
        (WebhookSettings(url="https://hooks.slack.com/services/T/B/X"), "url", "by itself"),
        (WebhookSettings(url="https://x.webhook.office.com/a"), "url", "by itself"),
        (WebhookSettings(url="ftp://a.example/"), "url", "must begin with https://"),
        (WebhookSettings(url="https://[::1/"), "url", "is no URL"),
        (AppriseSettings(url="slack://a/b/c"), "url", "password or token"),
        (PagerDutySettings(routing_key="R123"), "routing_key", "write ${NAME}"),
        (PagerDutySettings(routing_key="${K}", url="x"), "url", "must begin with https://"),
    ],
)
def test_a_secret_that_is_written_out_is_refused(
    settings: ChannelSettings, where: str, why: str
) -> None:
    [(name, message)] = faults_of(settings)
    assert name == where
    assert why in message


@given(
    secret=st.text("abcXYZ0189_-", min_size=8, max_size=40),
    around=st.tuples(st.text(max_size=10), st.text(max_size=10)),
)
def test_what_is_said_never_holds_a_secret(secret: str, around: tuple[str, str]) -> None:
    secrets = Secrets({"KEY": secret})
    assert secrets.resolve("https://a.example/${KEY}?x") == f"https://a.example/{secret}?x"
    assert secret not in secrets.masked(f"{around[0]}{secret}{around[1]}")
