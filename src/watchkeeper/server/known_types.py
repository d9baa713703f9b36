"""What is read from JSON and from the store is known to msgspec before threads share it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import msgspec

from watchkeeper.watch import Baseline, State


def know_types() -> None:
    """Let msgspec look at every type once, while there is one thread.

    It does so when a type is first decoded, and a second thread that comes meanwhile finds the
    type half known and crashes the process: the watch, the alerts and two requests may well read
    their first incident at the same moment.
    """
    for kind in (*_structs(msgspec.Struct), Baseline, State):
        # What cannot be decoded, such as a type made for writing only, never is.
        with suppress(TypeError, NameError):
            msgspec.json.Decoder(kind)


def _structs(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for one in kind.__subclasses__():
        if one.__module__.startswith("watchkeeper."):
            yield one
        yield from _structs(one)
