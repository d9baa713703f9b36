"""What runs in the customer's process: a client that logs, and never blocks or raises.

Importing it loads neither NumPy, PyArrow, SQLAlchemy nor httpx; the delivery thread loads what its
destination needs. How records are kept is the store's business, how they are received the server's.
"""

from watchkeeper.sdk.backoff import Backoff
from watchkeeper.sdk.client import Client
from watchkeeper.sdk.sink import SendReport, Sink
from watchkeeper.sdk.stats import ClientStats

__all__ = ["Backoff", "Client", "ClientStats", "SendReport", "Sink"]
