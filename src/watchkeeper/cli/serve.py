"""``watchkeeper serve``: take records over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from watchkeeper.errors import MissingExtraError

_EXTRA = frozenset({"starlette", "uvicorn"})


def serve(
    store: Annotated[
        Path, typer.Argument(help="Folder of the store; made if missing.", file_okay=False)
    ],
    port: Annotated[
        int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65_535)
    ] = 8717,
    host: Annotated[
        str, typer.Option(help="Address to listen on; of this machine only, for now.")
    ] = "127.0.0.1",
) -> None:
    r"""Take predictions, outcomes and feedback over HTTP and keep them in a store.

    `POST /v1/records` answers once the records are on disk; `GET /healthz` and `GET /readyz` are
    for whoever keeps the server running. Ctrl-C or SIGTERM answers what is under way and stops.

    Examples:

        watchkeeper serve ./store

        watchkeeper serve ./store --port 9000

        curl http://127.0.0.1:8717/v1/records \
          -H 'Content-Type: application/json' \
          -d '{"records": [{"record": "outcome", "model": "churn",
               "prediction_id": "7", "time": "2026-01-31T12:00:00Z",
               "label": true}]}'
    """
    try:
        from watchkeeper.server import ServerSettings, run
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in _EXTRA:
            raise
        message = (
            f"the server needs {error.name}, which is not installed; "
            "run: pip install 'watchkeeper[server]'"
        )
        raise MissingExtraError(message) from error

    def listening(url: str) -> None:
        typer.echo(f"Listening on {url}, keeping records in {store}. Stop with Ctrl-C.")

    run(store, host=host, port=port, settings=ServerSettings(), listening=listening)
