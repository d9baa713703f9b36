"""The server: takes records over HTTP and keeps them in a store.

What lives here speaks HTTP: who is let in, reading bodies, limits, problem details, group commit.
What a record must be is the business of ``events``; how it is kept, of ``store``.
"""

from watchkeeper.server.app import create_app
from watchkeeper.server.exposure import Exposure, exposure_of
from watchkeeper.server.logs import LogFormat, set_up_logs
from watchkeeper.server.run import run
from watchkeeper.server.settings import ServerSettings
from watchkeeper.server.tls import certificate_of

__all__ = [
    "Exposure",
    "LogFormat",
    "ServerSettings",
    "certificate_of",
    "create_app",
    "exposure_of",
    "run",
    "set_up_logs",
]
