"""One thing that can be asked over HTTP: a row from which its route and description are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import msgspec

from watchkeeper.server.gate import Caller
from watchkeeper.server.premises import Premises
from watchkeeper.server.tenants import Tenant
from watchkeeper.store import Scope

Q = TypeVar("Q", bound=msgspec.Struct)
B = TypeVar("B", bound=msgspec.Struct | None)


class NoParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of what takes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Generic[Q, B]):
    """A request that was let in and read.

    Attributes
    ----------
    path
        The parts of the path that stand for something, by name.
    query, body
        As the endpoint declares them.
    """

    caller: Caller
    premises: Premises
    path: Mapping[str, str]
    query: Q
    body: B


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint(Generic[Q, B]):
    """What answers a method and a path.

    Attributes
    ----------
    operation
        Its name in the description, for generated clients.
    scope
        What a key must allow.
    answer
        Type of the answer.
    call
        Makes the answer, in a thread: it may read the store. What is wrong with the request is a
        ``ProblemError`` or a ``UsageError``, which becomes 422.
    query
        Type whose fields are the parameters; each has a default or must be given.
    body
        Type of the JSON body, ``None`` for none.
    also
        Further statuses that it answers with, and when.
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    operation: str
    summary: str
    scope: Scope
    answer: type[msgspec.Struct]
    call: Callable[[Tenant, Asked[Q, B]], msgspec.Struct]
    query: type[Q]
    body: type[B] | None = None
    also: Mapping[int, str] | None = None
