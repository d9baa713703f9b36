"""A real server that asks for keys, and what each key can and cannot do."""

import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from nursery import Talking, run
from server.conftest import Serving
from server.test_intake import outcome
from watchkeeper import Client
from watchkeeper.store import Store, create_project

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("keyed") / "store"
    Store.open(made).close()
    create_project(made, "search", actor="ada", now=NOW)
    return made


@pytest.fixture(scope="module")
def keyed(serve: Callable[..., Serving], folder: Path) -> Serving:
    return serve(folder, "--require-key")


def key(folder: Path, *scopes: str, project: str = "default", **more: Any) -> dict[str, str]:
    with Store.open(folder) as store:
        _, text = store.access_keys.create(
            project=project, name="test", scopes=scopes, actor="ada", now=NOW, **more
        )
    return {"authorization": f"Bearer {text}"}


def test_nobody_comes_in_without_a_key_but_to_ask_how_it_is(keyed: Serving) -> None:
    refused = keyed.post(outcome(1))
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert "watchkeeper keys create" in refused.json()["detail"]
    for path in ("/v1/models", "/v1/access"):
        assert keyed.http.get(path).status_code == 401
    for path in ("/healthz", "/readyz", "/openapi.json"):
        assert keyed.http.get(path).status_code == 200


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer x", "Basic d2s6d2s=", "Bearer wk_0000000000_" + "0" * 48],
)
def test_a_key_that_is_none_is_turned_away(keyed: Serving, given: str) -> None:
    assert keyed.post(outcome(1), authorization=given).status_code == 401


def test_a_scope_opens_what_it_says_and_no_more(keyed: Serving, folder: Path) -> None:
    may = {scope: key(folder, scope) for scope in ("write", "read", "admin")}
    sent = {scope: keyed.post(outcome(1), **may[scope]).status_code for scope in may}
    asked = {scope: keyed.http.get("/v1/models", headers=may[scope]).status_code for scope in may}
    assert sent == {"write": 200, "read": 403, "admin": 200}
    assert asked == {"write": 403, "read": 200, "admin": 200}
    refused = keyed.post(outcome(1), **may["read"]).json()
    assert "this needs write" in refused["detail"]


def test_a_key_of_one_project_never_reaches_another_s_data(keyed: Serving, folder: Path) -> None:
    search = key(folder, "admin", project="search")
    default = key(folder, "admin")
    assert keyed.post(outcome(1, model="secret"), **search).json()["accepted"] == 1
    assert keyed.post(outcome(1, model="plain"), **default).json()["accepted"] == 1

    def seen(headers: dict[str, str]) -> set[str]:
        models = keyed.http.get("/v1/models", headers=headers).json()["models"]
        return {model["model"] for model in models}

    assert "secret" in seen(search)
    assert "plain" not in seen(search)
    assert "plain" in seen(default)
    assert "secret" not in seen(default)
    # Ids are each project's own: what one has sent is no duplicate for the other.
    assert keyed.post(outcome(1, model="secret"), **default).json()["duplicates"] == 0


def test_a_revoked_key_is_turned_away_within_a_second(keyed: Serving, folder: Path) -> None:
    mine = key(folder, "write")
    assert keyed.http.get("/v1/access", headers=mine).status_code == 200
    key_id = mine["authorization"].split("_")[1]
    done = run("keys", "revoke", folder, key_id)
    assert done.returncode == 0, done.stderr
    time.sleep(1)
    assert keyed.http.get("/v1/access", headers=mine).status_code == 401


def test_an_expired_key_is_turned_away(keyed: Serving, folder: Path) -> None:
    mine = key(folder, "write", expires_at=datetime.now(UTC) + timedelta(seconds=2))
    assert keyed.http.get("/v1/access", headers=mine).json()["scopes"] == ["write"]
    time.sleep(2)
    assert keyed.http.get("/v1/access", headers=mine).status_code == 401


def test_a_key_is_held_to_its_rate_and_told_when_to_come_back(keyed: Serving, folder: Path) -> None:
    mine = key(folder, "write", most_records_per_second=20)
    first = keyed.post(*(outcome(n, model="fast") for n in range(80)), **mine)
    assert first.json()["accepted"] == 80  # two seconds' worth, and a debt of two more
    second = keyed.post(outcome(80, model="fast"), **mine)
    assert second.status_code == 429
    assert second.json()["type"] == "urn:watchkeeper:problem:rate-limit"
    assert int(second.headers["retry-after"]) in (1, 2)
    time.sleep(int(second.headers["retry-after"]))
    assert keyed.post(outcome(80, model="fast"), **mine).status_code == 200


def test_a_project_made_while_the_server_runs_is_there_at_once(
    keyed: Serving, folder: Path
) -> None:
    create_project(folder, "later", actor="ada", now=NOW)
    mine = key(folder, "write", project="later")
    assert keyed.http.get("/v1/access", headers=mine).json()["project"] == "later"
    assert keyed.post(outcome(1), **mine).status_code == 200
    with Store.open(folder / "projects" / "later", create=False) as store:
        assert store.models()[0].outcomes == 1


def test_the_client_brings_its_key_from_the_environment_too(
    keyed: Serving, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = key(folder, "write")["authorization"].removeprefix("Bearer ")
    monkeypatch.setenv("WATCHKEEPER_API_KEY", text)
    with Client(str(keyed.http.base_url), model="from-client") as client:
        client.log_outcome("1", True)
        assert client.flush()


def test_on_loopback_no_key_is_needed_but_a_bad_one_is_told(serving: Serving) -> None:
    access = serving.http.get("/v1/access").json()
    assert access["project"] == "default"
    assert access["key"] == ""
    assert access["scopes"] == ["write", "read", "admin"]
    assert access["needs_key"] is False
    bad = {"authorization": "Bearer wk_1_2"}
    assert serving.http.get("/v1/access", headers=bad).status_code == 401


def test_every_answer_tells_browsers_what_to_refuse(serving: Serving) -> None:
    for path in ("/healthz", "/v1/nothing", "/openapi.json"):
        headers = serving.http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in headers


def test_behind_a_proxy_its_name_is_known_and_a_key_is_needed(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    serving = serve(tmp_path / "store", "--public-url", "https://watch.example.com")
    named = {"host": "watch.example.com", **key(tmp_path / "store", "write")}
    answer = serving.http.get("/v1/access", headers=named)
    assert answer.status_code == 200
    assert "strict-transport-security" in answer.headers
    assert serving.http.get("/v1/access", headers={"host": "watch.example.com"}).status_code == 401
    assert serving.http.get("/v1/access", headers={"host": "evil.example"}).status_code == 421


def pem(folder: Path, authority: trustme.CA) -> tuple[str, ...]:
    issued = authority.issue_cert("127.0.0.1")
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    private.write_bytes(issued.private_key_pem.bytes())
    return ("--tls-certificate", str(certificate), "--tls-key", str(private))


def test_tls_is_spoken_and_a_renewed_certificate_is_taken(tmp_path: Path) -> None:
    import ssl

    first, second = trustme.CA(), trustme.CA()
    options = pem(tmp_path, first)
    process = Talking("serve", tmp_path / "store", "--port", "0", *options)
    try:
        url = process.stdout.readline().split()[2].rstrip(",")
        assert url.startswith("https://")

        def asked(authority: trustme.CA) -> int:
            trusting = ssl.create_default_context()
            authority.configure_trust(trusting)
            return httpx.get(f"{url}/healthz", verify=trusting).status_code

        assert asked(first) == 200
        with pytest.raises(httpx.ConnectError):
            asked(second)
        (tmp_path / "key.pem").write_text("nothing")  # half renewed: the old pair stays
        process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        assert asked(first) == 200
        pem(tmp_path, second)
        process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        assert asked(second) == 200
    finally:
        process.terminate()
        process.communicate()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--tls-key", "k.pem"), "go together"),
        (("--tls-certificate", "none.pem", "--tls-key", "none.pem"), "cannot speak TLS"),
        (("--public-url", "watch"), "expected https://HOST"),
    ],
)
def test_wrong_options_are_told(tmp_path: Path, options: tuple[str, ...], told: str) -> None:
    done = run("serve", tmp_path / "store", "--port", "0", *options, timeout=30)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
