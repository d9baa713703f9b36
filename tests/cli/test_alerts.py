"""``watchkeeper alerts`` sets, shows, tries, lists and retries."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from actions.receiver import Receiver, receiving
from watchkeeper.cli import app
from watchkeeper.errors import SettingsError
from watchkeeper.store import NewNotice, Store

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def run(*words: object, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(
        app, ["alerts", *map(str, words)], env={"COLUMNS": "200", **(env or {})}
    )


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(tmp_path / "receiver") as found:
        found.behave("ok")
        yield found


@pytest.fixture
def store(tmp_path: Path, receiver: Receiver) -> Path:
    folder, file = tmp_path / "store", tmp_path / "alerts.yaml"
    Store.open(folder).close()
    file.write_text(
        "channels:\n"
        f'  hook: {{kind: webhook, url: "{receiver.url("file")}", secret: "${{HOOK}}"}}\n'
        '  mail: {kind: apprise, url: "${MAIL}"}\n'
        "routes:\n"
        "  - {severity: critical, models: [a, b], sources: [drift], channels: [hook]}\n"
        '  - {channels: [mail], quiet: [{from: "22:00", until: "07:00", days: [fri]}]}\n'
        "  - {channels: []}\n"
    )
    done = run("set", folder, file)
    assert done.exit_code == 0, done.output
    assert "2 channels, 3 routes" in done.output
    return folder


def test_settings_are_audited_and_shown_without_secrets(store: Path) -> None:
    with Store.open(store) as opened:
        assert opened.audit.entries()[-1].action == "settings.put"
    shown = run("show", store).output
    assert "1. critical incidents of a, b by drift to hook" in shown
    assert "2. all incidents to mail; quiet 22:00 to 07:00 UTC fri" in shown
    assert "3. all incidents to nobody" in shown


def test_a_test_reaches_the_receiver_or_says_why_not(store: Path, receiver: Receiver) -> None:
    good = run("test", store, "--channel", "hook", env={"HOOK": "secret"})
    assert (good.exit_code, "hook has taken it: HTTP 202" in good.output) == (0, True)
    assert "webhook-signature" in receiver.taken("file")[0]["headers"]
    receiver.behave("500")
    bad = run("test", store, "--channel", "hook", env={"HOOK": "secret"})
    assert (bad.exit_code, "HTTP 500: no: 500" in bad.output) == (1, True)
    wrong = run("test", store, "--channel", "hok")
    assert isinstance(wrong.exception, SettingsError)


def test_dead_letters_are_listed_and_sent_again(store: Path) -> None:
    assert run("list", store).output == "Nothing was told of.\n"
    with Store.open(store) as opened:
        new = NewNotice(
            incident_key="m.1.drift-000001-0001",
            event="opened",
            channel="hook",
            model="m",
            due_at=NOW,
            payload=b"{}",
        )
        opened.notices.add([new], now=NOW)
        [claimed] = opened.notices.claim("hook", together=False, now=NOW)
        opened.notices.mark_dead([claimed.number], "HTTP 410")
    assert "m.1.drift-000001-0001" in run("list", store, "--status", "dead").output
    assert run("list", store, "--status", "waiting").output == "Nothing is waiting.\n"
    assert run("retry", store, claimed.number).output == f"Due again: {claimed.number}, by hook.\n"
    assert "HTTP 410" in run("list", store, "--status", "waiting", "--last", 1).output
    assert isinstance(run("retry", store, claimed.number).exception, SettingsError)
    assert isinstance(run("list", store, "--status", "ded").exception, SettingsError)


def test_without_settings_it_says_how_to_begin(tmp_path: Path) -> None:
    Store.open(tmp_path / "store").close()
    done = run("show", tmp_path / "store")
    assert "watchkeeper alerts set" in str(done.exception)
