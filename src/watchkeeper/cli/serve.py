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
        str, typer.Option(help="Address to listen on; 0.0.0.0 for all of this machine's.")
    ] = "127.0.0.1",
    require_key: Annotated[
        bool, typer.Option("--require-key", help="Ask for a key on 127.0.0.1 too.")
    ] = False,
    public_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where a proxy before the server is reached."),
    ] = None,
    tls_certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificate, PEM.", dir_okay=False)
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Its key, PEM.", dir_okay=False)
    ] = None,
    plain_http: Annotated[
        bool, typer.Option("--plain-http", help="Beyond this machine without TLS: keys show.")
    ] = False,
) -> None:
    r"""Take predictions, outcomes and feedback over HTTP and keep them in a store.

    `POST /v1/records` answers once the records are on disk; `GET /openapi.json` tells the rest.
    On 127.0.0.1 nobody needs a key; anywhere else, and behind a proxy, everybody does. Ctrl-C or
    SIGTERM answers what is under way and stops; SIGHUP reads the certificate again.

    Examples:

        watchkeeper serve ./store

        watchkeeper serve ./store --host 0.0.0.0 --tls-certificate c.pem \
          --tls-key k.pem

        watchkeeper serve ./store --public-url https://watch.example.com

        curl http://127.0.0.1:8717/v1/records \
          -H 'Content-Type: application/json' \
          -d '{"records": [{"record": "outcome", "model": "churn",
               "prediction_id": "7", "time": "2026-01-31T12:00:00Z",
               "label": true}]}'
    """
    try:
        from watchkeeper.server import ServerSettings, certificate_of, exposure_of, run
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in _EXTRA:
            raise
        message = (
            f"the server needs {error.name}, which is not installed; "
            "run: pip install 'watchkeeper[server]'"
        )
        raise MissingExtraError(message) from error

    certificate = certificate_of(tls_certificate, tls_key)
    exposure = exposure_of(
        host,
        public_url=public_url,
        has_tls=certificate is not None,
        plain_http=plain_http,
        require_key=require_key,
    )

    def listening(url: str) -> None:
        typer.echo(f"Listening on {url}, keeping records in {store}. Stop with Ctrl-C.")
        if exposure.needs_key:
            typer.echo(
                f"Everyone needs a key: watchkeeper keys create {store} --scope write", err=True
            )

    run(
        store,
        host=host,
        port=port,
        settings=ServerSettings(exposure=exposure),
        certificate=certificate,
        listening=listening,
    )
