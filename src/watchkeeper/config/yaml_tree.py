"""YAML text as a tree of nodes that know their lines."""

from __future__ import annotations

import re
from typing import TypeAlias

import yaml

from watchkeeper.errors import SettingsError

Scalar: TypeAlias = str | float | int | bool | None

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOLEANS = {"true": True, "True": True, "TRUE": True}
_BOOLEANS |= {"false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,300}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,9})?")
_INFINITE = re.compile(r"(?P<sign>[-+]?)\.(inf|Inf|INF)")


def parse(text: str, file: str) -> yaml.Node | None:
    """Return the root of a document, ``None`` if there is nothing in it.

    Raises
    ------
    SettingsError
        If it is no YAML; the message names file and line.
    """
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise SettingsError(f"{file}:{line}: {_why(text, line, error)}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, int(error.position)) + 1
        message = f"{file}:{line}: the character {chr(error.character)!r} may not stand in YAML"
        raise SettingsError(message) from error
    except RecursionError as error:
        raise SettingsError(f"{file}:1: it is nested too deeply to be settings") from error


def value_of(node: yaml.ScalarNode) -> Scalar:
    """Return what a scalar means in YAML 1.2: ``no`` and ``2013-04-01`` are text there."""
    text: str = node.value
    if node.style in {"'", '"', "|", ">"}:
        return text
    if text in _NULL:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    infinite = _INFINITE.fullmatch(text)
    if infinite is not None:
        return float(f"{infinite['sign']}inf")
    return float("nan") if text in {".nan", ".NaN", ".NAN"} else text


def line_of(node: yaml.Node) -> int:
    """Return the line where a node begins, from 1."""
    return int(node.start_mark.line) + 1


def shown(node: yaml.Node) -> str:
    """Return a node for a message: a scalar as it stands there, else what kind of thing it is."""
    if isinstance(node, yaml.ScalarNode):
        value = value_of(node)
        if isinstance(value, str):
            return repr(value if len(value) <= 60 else value[:57] + "...")
        return "empty" if node.value == "" else str(node.value)[:60]
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping (key: value)"


def _why(text: str, line: int, error: yaml.MarkedYAMLError) -> str:
    lines = text.splitlines()
    here = lines[line - 1] if line <= len(lines) else ""
    if "\t" in here[: len(here) - len(here.lstrip())] or "'\\t'" in str(error.problem):
        return "there is a tab; YAML is indented with spaces only"
    if "single document" in str(error.context):
        return "a second document begins here (---); settings are one"
    parts = [part for part in (error.context, error.problem) if part]
    return f"this is no YAML: {', '.join(parts) or 'it cannot be read'}"
