"""``alerts.yaml``: what can be used is read, what cannot is named by line with what to do."""

import re
from pathlib import Path

import pytest

from watchkeeper.actions import AppriseSettings, PagerDutySettings, WebhookSettings
from watchkeeper.config import load_alerts
from watchkeeper.errors import SettingsError
from watchkeeper.pipeline.alerting import settings_from_bytes, settings_to_bytes

PAGE = Path(__file__).parents[2] / "docs" / "alerts.md"


def problems(tmp_path: Path, text: str) -> str:
    (tmp_path / "alerts.yaml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_alerts(tmp_path / "alerts.yaml")
    return str(caught.value).replace(str(tmp_path), "")


def test_the_settings_of_the_documentation_can_be_used_and_kept(tmp_path: Path) -> None:
    block = re.search(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert block is not None
    (tmp_path / "alerts.yaml").write_text(block[1])
    settings = load_alerts(tmp_path / "alerts.yaml")
    kinds = [type(channel) for channel in settings.channels.values()]
    assert kinds == [AppriseSettings, PagerDutySettings, WebhookSettings]
    assert [len(route.channels) for route in settings.all_routes()] == [0, 3, 2]
    assert settings_from_bytes(settings_to_bytes(settings)) == settings


def test_all_that_is_wrong_is_told_at_once_by_line(tmp_path: Path) -> None:
    said = problems(
        tmp_path,
        """\
public_url: watch.example.com
channels:
  Team: {kind: apprise, url: "${SLACK_URL}"}
  pager:
    kind: pagerduty
    routing_key: R0123456789
routes:
  - {models: [a], channels: [pagr]}
  - channels: [pager]
    severety: critical
    quiet:
      - {from: 22:00, until: "7:00", timezone: Europe/Zurch, days: [mon, sunday]}
""",
    )
    for line in (
        "alerts.yaml:1: public_url must be an address such as https://watch.example.com",
        "alerts.yaml:3: channels.Team must be up to 40 small letters",
        "alerts.yaml:6: channels.pager.routing_key is a secret and must not stand here",
        "alerts.yaml:8: routes[0].channels[0] is 'pagr'; there is no such channel. Did you mean"
        " 'pager'?",
        "alerts.yaml:10: there is no setting 'severety' in routes[1]. Did you mean 'severity'?",
        "alerts.yaml:12: routes[1].quiet[0].days[1] is 'sunday'. Did you mean 'sun'?",
        "alerts.yaml:12: routes[1].quiet[0].timezone is 'Europe/Zurch', which is no time zone. Did"
        " you mean 'Europe/Zurich'?",
        "alerts.yaml:12: routes[1].quiet[0].until is '7:00'; it must be a time of the day",
    ):
        assert line in said
    assert "R0123456789" not in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "channels is missing"),
        ("channels: {}", "channels is empty; name at least one channel"),
        ("- a\n- b", "settings are lines of 'key: value', not a list"),
        ("- check: x", "settings are lines of 'key: value', not a list"),
        ("channels: {a: {kind: webhok}}", "Did you mean 'webhook'?"),
        ("channels: {a: {url: x}}", "channels.a.kind is missing"),
        ("channels: {a: {kind: webhook}}", "channels.a.url is missing"),
    ],
)
def test_what_is_missing_or_of_another_kind_is_told(tmp_path: Path, text: str, said: str) -> None:
    assert said in problems(tmp_path, text)


def test_a_file_that_is_not_there_is_told_with_where_to_begin(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"docs/alerts\.md shows some to begin with"):
        load_alerts(tmp_path / "none.yaml")
