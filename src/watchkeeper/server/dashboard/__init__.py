"""The dashboard: a browser application of plain modules, which uses only the public query API.

What lives here serves its files; what it shows, it asks of ``server.queries`` like any client.
"""

from watchkeeper.server.dashboard.routes import ASSETS_PATH, dashboard_routes

__all__ = ["ASSETS_PATH", "dashboard_routes"]
