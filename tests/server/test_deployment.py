"""What ships in deploy/ fits the server: its options, paths, metrics, and a container's steps."""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from pipeline.watched_store import MODEL, NOW, REFERENCE_HOURS, baseline, fill, rows
from server.conftest import COMMAND, Serving
from server.test_intake import prediction
from server.test_watching import until
from watchkeeper.events import CostSettings, ObjectiveSettings, OperatingSettings
from watchkeeper.store import Store

PROJECT = Path(__file__).parent.parent.parent
DEPLOY = PROJECT / "deploy"
NAME = re.compile(r"\b(?:watchkeeper|process)_[a-z_]+\b")


@pytest.fixture(scope="module")
def exposed(
    serve: Callable[..., Serving], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, set[str]]:
    """What a server with a watched model shows to Prometheus: labels by name of the series."""
    folder = tmp_path_factory.mktemp("exposed") / "store"
    with Store.open(folder) as store:
        fill(store, rows(0, REFERENCE_HOURS + 20))
        baseline(store)
        settings = OperatingSettings(
            objectives=(ObjectiveSettings(kind="availability", target=0.99),),
            costs=CostSettings(month_budget_usd=100.0),
        )
        store.operating.put(MODEL, settings, actor="ann", now=NOW)
    serving = serve(folder)
    now = datetime.now(UTC).isoformat()
    serving.post(
        *(prediction(i, model=MODEL, time=now, latency_seconds=0.1, cost_usd=0.1) for i in range(9))
    )

    def series() -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for family in text_string_to_metric_families(serving.http.get("/metrics").text):
            # Some have nothing to say yet, such as the forecast of a month that has just begun.
            found.setdefault(family.name + "_total" * (family.type == "counter"), set())
            for sample in family.samples:
                found.setdefault(sample.name, set()).update(sample.labels)
        return found

    late = "watchkeeper_model_evidence_ratio", "watchkeeper_model_latency_seconds"
    until(lambda: all(series().get(name) for name in late), seconds=60)
    return series()


def dashboard_queries() -> list[str]:
    dashboard = json.loads((DEPLOY / "grafana" / "watchkeeper.json").read_text(encoding="utf-8"))
    variables = [
        one["definition"] for one in dashboard["templating"]["list"] if "definition" in one
    ]
    return variables + [t["expr"] for p in dashboard["panels"] for t in p.get("targets", [])]


def alert_queries() -> list[str]:
    alerts = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text(encoding="utf-8"))
    return [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]


@pytest.mark.parametrize("query", [*dashboard_queries(), *alert_queries()])
def test_every_query_names_what_metrics_shows(query: str, exposed: dict[str, set[str]]) -> None:
    names = set(NAME.findall(query))
    assert names <= exposed.keys()
    assert names or "up{" in query
    for name in names:
        for matchers in re.findall(rf"{name}{{([^}}]*)}}", query):
            labels = set(re.findall(r"(\w+)\s*(?:=~|!=|!~|=)", re.sub(r'"[^"]*"', "", matchers)))
            assert not exposed[name] or labels - {"job", "instance"} <= exposed[name], query


def test_every_metric_of_ours_is_documented_and_on_the_dashboard(
    exposed: dict[str, set[str]],
) -> None:
    ours = {name for name in exposed if re.match(r"watchkeeper_.*(?<!_created)$", name)}
    plain = {re.sub(r"_(bucket|count|sum)$", "", name) for name in ours}
    page = (PROJECT / "docs" / "server.md").read_text(encoding="utf-8")
    assert sorted(name for name in plain if f"`{name}`" not in page) == []
    asked = " ".join(dashboard_queries())
    assert sorted(name for name in plain if name not in asked) == []


def served_options(words: list[str]) -> set[str]:
    """The options of a call of ``watchkeeper serve``, which must exist."""
    assert "serve" in words
    options = {word.partition("=")[0] for word in words if word.startswith("--")}
    shown = subprocess.run([COMMAND, "serve", "--help"], capture_output=True, text=True).stdout
    assert options <= set(re.findall(r"--[a-z-]+", shown))
    return options


def manifests() -> dict[str, Any]:
    text = (DEPLOY / "kubernetes" / "watchkeeper.yaml").read_text(encoding="utf-8")
    return {one["kind"]: one for one in yaml.safe_load_all(text)}


def test_the_manifest_probes_paths_that_answer_and_shuts_the_container_in(
    exposed: dict[str, set[str]], serving: Serving
) -> None:
    stateful = manifests()["StatefulSet"]["spec"]
    pod = stateful["template"]["spec"]
    [container] = pod["containers"]
    assert stateful["replicas"] == 1
    assert {"--host", "--plain-http", "--log-format"} == served_options(container["args"])
    probes = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness")}
    assert {probe["path"] for probe in probes.values()} == {"/healthz"}
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    for path in ("/healthz", "/readyz"):
        assert serving.http.get(path, headers={"host": "10.1.2.3:8717"}).status_code == 200
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    [claim] = stateful["volumeClaimTemplates"]
    assert claim["metadata"]["name"] in {mount["name"] for mount in container["volumeMounts"]}


def test_compose_serves_with_options_that_exist() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    server = compose["services"]["watchkeeper"]
    assert "--public-url" in served_options(server["command"])
    assert server["read_only"] is True
    assert (DEPLOY / server["build"]["context"] / server["build"]["dockerfile"]).exists()


@pytest.mark.parametrize(
    "unit", sorted((DEPLOY / "systemd").glob("*.service")), ids=lambda u: u.name
)
def test_units_call_verbs_and_options_that_exist(unit: Path) -> None:
    lines = unit.read_text(encoding="utf-8").splitlines()
    assert {"User=watchkeeper", "ProtectSystem=strict", "NoNewPrivileges=yes"} <= set(lines)
    for line in lines:
        if line.startswith("ExecStart="):
            command, *words = shlex.split(line.removeprefix("ExecStart="))
            assert command == "/opt/watchkeeper/bin/watchkeeper"
            shown = subprocess.run([COMMAND, words[0], "--help"], capture_output=True, text=True)
            assert shown.returncode == 0
            assert {w for w in words if w.startswith("--")} <= set(
                re.findall(r"--[a-z-]+", shown.stdout)
            )


def instructions() -> list[tuple[str, str]]:
    """The container file's instructions, each on one line, with their arguments."""
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [
        (line.split()[0], line.partition(" ")[2].strip()) for line in joined.splitlines() if line
    ]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for instruction in instructions():
        if instruction[0] == "FROM":
            found.append([])
        found[-1].append(instruction)
    return found


def test_the_container_runs_as_nobody_in_particular_and_checks_hashes() -> None:
    build, last = stages()
    installs = [step for kind, step in build if kind == "RUN" and "pip install" in step]
    for install in " ".join(installs).split("&&"):
        if "pip install" in install:
            assert "--require-hashes" in install or "--no-index" in install
    assert ("USER", "10001:10001") in last
    assert not any(kind == "ADD" or "curl" in step for kind, step in build + last)


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.slow
def test_the_container_s_steps_make_what_its_command_starts_and_its_check_finds_well(
    tmp_path: Path, port: int
) -> None:
    def here(text: str) -> str:
        """Move the container's absolute paths into the test's folder."""
        moved = re.sub(r"(?<![\w.])/(opt|build|data)\b", rf"{tmp_path}/\1", text)
        return moved.replace("8717", str(port)).replace("0.0.0.0", "127.0.0.1")  # noqa: S104

    (tmp_path / "build").mkdir()
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    environment |= {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "UV_", "HOME"))}
    environment["PIP_NO_COMPILE"] = "1"  # of what is installed, little is loaded here
    build, last = stages()
    for kind, step in build:
        if kind == "COPY":
            *sources, target = step.split()
            where = tmp_path / "build" / target
            where.mkdir(parents=True, exist_ok=True)
            for source in sources:
                subprocess.run(["cp", "-r", PROJECT / source, where], check=True)
            if len(sources) == 1 and (PROJECT / sources[0]).is_dir():
                # A folder's contents are copied, not the folder.
                subprocess.run(["cp", "-rT", PROJECT / sources[0], where], check=True)
        if kind == "RUN":
            run = ["sh", "-ec", here(step)]
            done = subprocess.run(
                run, cwd=tmp_path / "build", env=environment, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stderr
    said = dict(last)
    command = json.loads(here(said["ENTRYPOINT"])) + json.loads(here(said["CMD"]))
    check = json.loads(here(said["HEALTHCHECK"].partition("CMD ")[2]))
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("Listening on ")
        assert subprocess.run(check, capture_output=True).returncode == 0
        assert httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
    finally:
        server.terminate()
        ended = server.communicate(timeout=20)
    assert server.returncode == 0, ended
    assert subprocess.run(check, capture_output=True).returncode != 0
