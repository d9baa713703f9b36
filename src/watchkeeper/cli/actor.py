"""Who decides, for the audit log."""

from __future__ import annotations

import getpass
import os


def actor_name() -> str:
    """Return the name of the account that runs this, or its number when it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container often runs by a number that no one named
        return f"uid {os.getuid()}"
