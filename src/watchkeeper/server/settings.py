"""What a server takes, and from whom."""

from __future__ import annotations

from dataclasses import dataclass, field

from watchkeeper.server.exposure import Exposure

_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """What a server takes and how often it tidies up.

    Attributes
    ----------
    most_body_bytes
        Largest body, after decompression.
    most_rows
        Of a table.
    most_bytes_under_way, most_requests_under_way
        Of all requests being answered; more are turned away with 429.
    seal_interval_seconds
        Time between two sealings of the journal into Parquet.
    expire_interval_seconds
        Time between two looks for what has grown too old to be kept.
    watch_interval_seconds
        Time between two looks for buckets that have become complete.
    least_free_bytes
        Room on the disk below which the server is not ready.
    logs_requests
        Whether each request is a line in the log.
    shutdown_seconds
        Longest wait, at the end, for requests under way.
    exposure
        Who can reach it, and whether they need a key; by default this machine, without one.
    """

    most_body_bytes: int = 8 * _MEBIBYTE
    most_rows: int = 100_000
    most_bytes_under_way: int = 64 * _MEBIBYTE
    most_requests_under_way: int = 256
    seal_interval_seconds: float = 60.0
    expire_interval_seconds: float = 600.0
    watch_interval_seconds: float = 1.0
    least_free_bytes: int = 100 * _MEBIBYTE
    logs_requests: bool = False
    shutdown_seconds: float = 10.0
    exposure: Exposure = field(default_factory=Exposure)
