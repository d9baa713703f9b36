"""What belongs to the whole server, whichever project is asked about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from watchkeeper.server.settings import ServerSettings
from watchkeeper.store import AccessKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """The folder that is served, how, and the keys to it."""

    folder: Path
    settings: ServerSettings
    access_keys: AccessKeys
