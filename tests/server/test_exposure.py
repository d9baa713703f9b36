import pytest

from watchkeeper.errors import SettingsError
from watchkeeper.server import Exposure, exposure_of


def exposure(host: str = "127.0.0.1", **given: object) -> Exposure:
    options = {"public_url": None, "has_tls": False, "plain_http": False, "require_key": False}
    return exposure_of(host, **{**options, **given})  # type: ignore[arg-type]


def test_only_loopback_by_itself_needs_no_key() -> None:
    assert not exposure().needs_key
    assert exposure(require_key=True).needs_key
    assert exposure(public_url="https://watch.example.com").needs_key
    assert exposure("192.0.2.7", has_tls=True).needs_key
    assert exposure("::", plain_http=True).needs_key


def test_loopback_answers_to_its_own_names_and_to_the_proxy_s() -> None:
    alone, proxied = exposure(), exposure(public_url="https://Watch.example.com:8443")
    for name in ("127.0.0.1", "localhost", "::1"):
        assert alone.answers_to(name)
        assert proxied.answers_to(name)
    assert proxied.answers_to("watch.example.com")
    assert proxied.answers_to("WATCH.example.com")
    assert not alone.answers_to("watch.example.com")
    assert not proxied.answers_to("evil.example")


def test_https_is_known_of_tls_and_of_a_proxy() -> None:
    assert exposure("192.0.2.7", has_tls=True).is_https
    assert exposure(public_url="https://a.example").is_https
    assert not exposure(public_url="http://a.example").is_https
    assert not exposure().is_https


@pytest.mark.parametrize("host", ["192.0.2.7", "::", "192.0.2.1", "example.org"])
def test_keys_do_not_travel_readable_unless_someone_says_so(host: str) -> None:
    with pytest.raises(SettingsError, match=r"--tls-certificate.*--public-url.*--plain-http"):
        exposure(host)
    assert exposure(host, plain_http=True).any_host


@pytest.mark.parametrize(
    "url",
    ["", "watch.example.com", "ftp://a.example", "https://", "https://a.example/x", "http://a:b"],
)
def test_a_public_url_that_is_none_is_told(url: str) -> None:
    with pytest.raises(SettingsError, match="expected https://HOST"):
        exposure(public_url=url)
