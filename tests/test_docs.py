"""The documentation is true: what it names exists, what exists is named, and its commands work."""

from __future__ import annotations

import ast
import importlib
import json
import re
import shlex
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from watchkeeper.cli import app
from watchkeeper.config import BUDGET_VARIABLE, SCHEMA_FILE, STORE_VARIABLE

PROJECT = Path(__file__).parent.parent
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md"), *PROJECT.glob("design/*.md")])
NAMES = [str(page.relative_to(PROJECT)) for page in PAGES]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


class Verb(NamedTuple):
    """One verb of the command line, ``audit verify`` included."""

    name: str
    options: frozenset[str]
    help: str


def verbs() -> list[Verb]:
    found: list[Verb] = []

    def visit(command: Any, path: tuple[str, ...]) -> None:
        children = getattr(command, "commands", {})
        for name, child in children.items():
            visit(child, (*path, name))
        if not children:
            shown = (o for p in command.params if not getattr(p, "hidden", False) for o in p.opts)
            options = frozenset(option for option in shown if option.startswith("-"))
            off = (o for p in command.params for o in p.secondary_opts)
            found.append(Verb(" ".join(path), options | frozenset(off), command.help or ""))

    visit(typer.main.get_command(app), ())
    return found


VERBS = verbs()


def blocks(text: str, *languages: str) -> list[str]:
    return [body for language, body in FENCE.findall(text) if language in languages]


def commands(text: str) -> list[list[str]]:
    """Calls of ``watchkeeper`` in a page's console blocks, split into words."""
    found = []
    for block in blocks(text, "console", "sh", "bash"):
        for line in block.replace("\\\n", " ").splitlines():
            words = line.removeprefix("$ ").strip()
            if words.startswith("watchkeeper "):
                found.append(shlex.split(words, comments=True)[1:])
    return found


def anchors(text: str) -> set[str]:
    """Anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_within_the_project_leads_somewhere(name: str) -> None:
    page = PROJECT / name
    broken = []
    for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"\w+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (
            anchor and anchor not in anchors(target.read_text(encoding="utf-8"))
        ):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("name", NAMES)
def test_every_command_shown_has_a_verb_and_options_that_exist(name: str) -> None:
    known = {verb.name: verb for verb in VERBS}
    wrong = []
    for words in commands((PROJECT / name).read_text(encoding="utf-8")):
        if words[0].startswith("-"):
            continue
        verb = known.get(words[0]) or known.get(" ".join(words[:2]))
        options = {word.partition("=")[0] for word in words if word.startswith("--")}
        if verb is None or not options <= verb.options | {"--help"}:
            wrong.append(" ".join(words))
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_every_python_example_compiles_and_imports_what_exists(name: str) -> None:
    for block in blocks((PROJECT / name).read_text(encoding="utf-8"), "python"):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("watchkeeper"):
                module = importlib.import_module(node.module or "")
                assert [n.name for n in node.names if not hasattr(module, n.name)] == []


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_and_option_is_documented(verb: Verb) -> None:
    pages = [page.read_text(encoding="utf-8") for page in PAGES if page.parent.name != "design"]
    about = "\n".join(text for text in pages if f"watchkeeper {verb.name}" in text)
    assert about, f"no page tells of `watchkeeper {verb.name}`"
    assert sorted(option for option in verb.options if option not in about) == []


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_the_help_of_every_verb_gives_an_example(verb: Verb) -> None:
    assert f"watchkeeper {verb.name}" in verb.help


def test_every_setting_is_documented() -> None:
    pages = ("configuration.md", "checks.md")
    page = "".join((PROJECT / "docs" / name).read_text(encoding="utf-8") for name in pages)
    schema = json.loads((PROJECT / "schema" / SCHEMA_FILE).read_text(encoding="utf-8"))
    objects = [schema, *schema["$defs"].values()]
    settings = {name for part in objects for name in part.get("properties", {})}
    mentioned = set(re.findall(r"\w+", page))
    assert sorted((settings | {STORE_VARIABLE, BUDGET_VARIABLE}) - mentioned) == []


def test_every_page_of_the_docs_is_listed_in_their_index() -> None:
    index = (PROJECT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = {page.name for page in (PROJECT / "docs").glob("*.md")} - {"index.md"}
    assert sorted(page for page in pages if f"({page})" not in index) == []


def test_every_make_target_that_is_shown_exists() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    shown = {
        target
        for page in PAGES
        for target in re.findall(r"\bmake ([a-z]+)\b", _code(page.read_text(encoding="utf-8")))
    }
    assert shown - targets == set()


def _code(text: str) -> str:
    """All that a page sets as code."""
    return "\n".join([*blocks(text, "console", "sh", "bash"), *re.findall(r"`[^`\n]+`", text)])


def test_every_room_is_in_the_table_of_rooms() -> None:
    table = (PROJECT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    package = PROJECT / "src" / "watchkeeper"
    rooms = [path.parent.name for path in package.glob("*/__init__.py")]
    assert sorted(room for room in rooms if f"`{room}/`" not in table) == []
    named = set(re.findall(r"^\| .*?`(\w+)/`", table, re.MULTILINE))
    assert named - set(rooms) == set(), "a room is described that does not exist"
