"""The server: takes records over HTTP and keeps them in a store.

What lives here speaks HTTP: reading bodies, limits, problem details, group commit. What a record
must be is the business of ``events``; how it is kept, of ``store``.
"""

from watchkeeper.server.app import create_app
from watchkeeper.server.run import run
from watchkeeper.server.settings import ServerSettings

__all__ = ["ServerSettings", "create_app", "run"]
