"""A tree of nodes read by the types of the settings: what does not fit is named with its line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import msgspec
import yaml
from msgspec import inspect

from watchkeeper.config.problems import Path, Problems, dotted
from watchkeeper.config.settings import SettingsFile
from watchkeeper.config.yaml_tree import line_of, shown, value_of
from watchkeeper.errors import nearest

_LEFT_OUT = object()
_SCALARS = (inspect.BoolType, inspect.IntType, inspect.FloatType, inspect.StrType)


def read(
    root: yaml.Node | None, problems: Problems, kind: type[msgspec.Struct] = SettingsFile
) -> dict[str, Any] | None:
    """Return the plain values of a settings file, those that fit; the others become problems.

    Parameters
    ----------
    root
        Root of the document; ``None`` for an empty one. A list of mappings is one of checks.
    problems
        Takes what is wrong, and where each value stands.
    kind
        What the file holds.

    Returns
    -------
    ``None`` if it is no such file, or something that is required is missing; a problem then.
    """
    problems.lines[()] = 1
    if root is None or (isinstance(root, yaml.ScalarNode) and value_of(root) is None):
        root = yaml.MappingNode("tag:yaml.org,2002:map", [])
    is_of_checks = kind is SettingsFile and isinstance(root, yaml.SequenceNode)
    if is_of_checks and any(map(_is_mapping, root.value)):
        key = yaml.ScalarNode("tag:yaml.org,2002:str", "checks", root.start_mark, root.start_mark)
        root = yaml.MappingNode(root.tag, [(key, root)], root.start_mark, root.end_mark)
    if not isinstance(root, yaml.MappingNode):
        message = f"settings are lines of 'key: value', not {shown(root)}"
        problems.add(line_of(root), message)
        return None
    described = inspect.type_info(kind)
    assert isinstance(described, inspect.StructType)
    values = _struct(root, described, (), problems)
    return None if values is _LEFT_OUT else cast("dict[str, Any]", values)


def _is_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and value_of(node) is None


def _is_mapping(node: yaml.Node) -> bool:
    return isinstance(node, yaml.MappingNode)


def _read(node: yaml.Node, kind: inspect.Type, path: Path, problems: Problems) -> Any:
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    if isinstance(kind, inspect.UnionType):
        if _is_empty(node) and any(isinstance(one, inspect.NoneType) for one in kind.types):
            return None
        structs = [one for one in kind.types if isinstance(one, inspect.StructType)]
        if len(structs) > 1:
            return _tagged(node, structs, path, problems)
        if sum(isinstance(one, _SCALARS) for one in kind.types) > 1:
            return _any_scalar(node, kind, path, problems)
        kind = next(one for one in kind.types if not isinstance(one, inspect.NoneType))
        return _read(node, kind, path, problems)
    if isinstance(kind, inspect.StructType | inspect.DictType):
        if not isinstance(node, yaml.MappingNode):
            return _wrong(node, "a mapping (key: value)", path, problems)
        if isinstance(kind, inspect.StructType):
            return _struct(node, kind, path, problems)
        return _dict(node, kind, path, problems)
    if isinstance(kind, inspect.ListType | inspect.VarTupleType):
        if not isinstance(node, yaml.SequenceNode):
            return _wrong(node, "a list, such as [a, b]", path, problems)
        values = []
        for at, one in enumerate(node.value):
            problems.lines[(*path, at)] = line_of(one)
            values.append(_read(one, kind.item_type, (*path, at), problems))
        problems.kept[path] = [at for at, value in enumerate(values) if value is not _LEFT_OUT]
        return [value for value in values if value is not _LEFT_OUT]
    return _scalar(node, kind, path, problems)


def _tagged(
    node: yaml.Node, kinds: list[inspect.StructType], path: Path, problems: Problems
) -> Any:
    """Read the one of several structs that its tag names."""
    if not isinstance(node, yaml.MappingNode):
        return _wrong(node, "a mapping (key: value)", path, problems)
    field = str(kinds[0].tag_field)
    named = {str(kind.tag): kind for kind in kinds}
    for at, (key, child) in enumerate(node.value):
        if not isinstance(key, yaml.ScalarNode) or key.value != field:
            continue
        tag = child.value if isinstance(child, yaml.ScalarNode) else ""
        if tag not in named:
            problems.lines[(*path, field)] = line_of(key)
            problems.at((*path, field), f"is {shown(child)}.{nearest(tag, named)}")
            return _LEFT_OUT
        others = [pair for n, pair in enumerate(node.value) if n != at]
        rest = yaml.MappingNode(node.tag, others, node.start_mark, node.end_mark)
        values = _struct(rest, named[tag], path, problems)
        return values if values is _LEFT_OUT else {field: tag, **values}
    problems.at((*path, field), f"is missing.{nearest('', named)}")
    return _LEFT_OUT


def _any_scalar(node: yaml.Node, kind: inspect.UnionType, path: Path, problems: Problems) -> Any:
    """Read a scalar as it stands there, if one of several types takes it."""
    value = value_of(node) if isinstance(node, yaml.ScalarNode) else _LEFT_OUT
    types = [type(one) for one in kind.types]
    wanted = {bool: inspect.BoolType, int: inspect.IntType, float: inspect.FloatType}
    if {**wanted, str: inspect.StrType}.get(type(value)) in types:
        return value
    words = {inspect.FloatType: "a number", inspect.StrType: "text", inspect.BoolType: "a boolean"}
    return _wrong(node, " or ".join(words[t] for t in types if t in words), path, problems)


def _struct(
    node: yaml.MappingNode, kind: inspect.StructType, path: Path, problems: Problems
) -> Any:
    fields = {field.encode_name: field for field in kind.fields}
    values: dict[str, Any] = {}
    for key, line, child in _pairs(node, path, problems):
        if key not in fields:
            place = f" in {dotted(path)}" if path else ""
            problems.add(line, f"there is no setting {key!r}{place}.{nearest(key, fields)}")
            continue
        field = fields[key]
        if not field.required and isinstance(child, yaml.ScalarNode) and value_of(child) is None:
            continue
        value = _read(child, field.type, (*path, key), problems)
        if value is not _LEFT_OUT:
            values[key] = value
    given = {key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)}
    required = [name for name, field in fields.items() if field.required]
    for name in required:
        if name not in given:
            problems.at((*path, name), "is missing")
    return values if all(name in values for name in required) else _LEFT_OUT


def _dict(
    node: yaml.MappingNode, kind: inspect.DictType, path: Path, problems: Problems
) -> dict[str, Any]:
    pairs = _pairs(node, path, problems)
    read = {key: _read(child, kind.value_type, (*path, key), problems) for key, _, child in pairs}
    return {key: value for key, value in read.items() if value is not _LEFT_OUT}


def _pairs(
    node: yaml.MappingNode, path: Path, problems: Problems
) -> Iterator[tuple[str, int, yaml.Node]]:
    """Yield the keys of a mapping as text, each once."""
    seen: dict[str, int] = {}
    for key, child in node.value:
        line = line_of(key)
        if not isinstance(key, yaml.ScalarNode):
            problems.add(line, f"a name was expected before the colon, not {shown(key)}")
        elif key.value in seen:
            where = (*path, key.value)
            problems.lines[where] = line
            problems.at(where, f"is set twice; it is also set in line {seen[key.value]}")
            problems.lines[where] = seen[key.value]
        else:
            seen[key.value] = line
            problems.lines[(*path, key.value)] = line
            yield key.value, line, child


def _scalar(node: yaml.Node, kind: inspect.Type, path: Path, problems: Problems) -> Any:
    if isinstance(kind, inspect.LiteralType):
        choices = [str(value) for value in kind.values]
        if isinstance(node, yaml.ScalarNode) and node.value in choices:
            return node.value
        if not isinstance(node, yaml.ScalarNode):
            return _wrong(node, f"one of {', '.join(choices)}", path, problems)
        problems.at(path, f"is {shown(node)}.{nearest(str(node.value), choices)}")
        return _LEFT_OUT
    value = value_of(node) if isinstance(node, yaml.ScalarNode) else _LEFT_OUT
    if isinstance(kind, inspect.StrType):
        if isinstance(value, str):
            return value
        hint = f"; put quotes around it: '{node.value}'" if value not in {None, _LEFT_OUT} else ""
        return _wrong(node, f"text{hint}", path, problems, quoted=bool(hint))
    if isinstance(kind, inspect.BoolType):
        return value if isinstance(value, bool) else _wrong(node, "true or false", path, problems)
    if isinstance(kind, inspect.IntType):
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return value if is_whole else _wrong(node, "a whole number", path, problems)
    assert isinstance(kind, inspect.FloatType), kind
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return _wrong(node, "a number", path, problems)


def _wrong(
    node: yaml.Node, expected: str, path: Path, problems: Problems, *, quoted: bool = False
) -> object:
    between = "is {}; it must be {}" if not quoted else "is {}, but must be {}"
    problems.at(path, between.format(shown(node), expected))
    return _LEFT_OUT
