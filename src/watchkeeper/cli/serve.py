"""``watchkeeper serve``: take records over HTTP."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Literal

import typer

from watchkeeper.cli.server_process import set_up_server_process
from watchkeeper.errors import MissingExtraError

_EXTRA = frozenset({"starlette", "uvicorn"})


def serve(
    store: Annotated[
        Path | None,
        typer.Argument(
            help="Folder of the store; made if missing. May be left out with --demo.",
            file_okay=False,
        ),
    ] = None,
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
    log_format: Annotated[
        Literal["text", "json"], typer.Option(help="Log for people, or a JSON object a line.")
    ] = "text",
    log_requests: Annotated[
        bool, typer.Option("--log-requests", help="Log a line for each request.")
    ] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="Fill the store with flights, which then go on.")
    ] = False,
) -> None:
    r"""Take predictions, outcomes and feedback over HTTP and keep them in a store.

    `POST /v1/records` answers once the records are on disk; `GET /openapi.json` tells the rest.
    On 127.0.0.1 nobody needs a key; anywhere else, and behind a proxy, everybody does. Ctrl-C or
    SIGTERM answers what is under way and stops; SIGHUP reads the certificate again.

    Examples:

        watchkeeper serve --demo

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
    set_up_server_process()
    try:
        from watchkeeper.server import (
            ServerSettings,
            certificate_of,
            exposure_of,
            run,
            set_up_logs,
        )
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

    set_up_logs(log_format)
    with ExitStack() as stack:
        folder = _folder(store, stack, demo=demo, has_tls=certificate is not None)

        def listening(url: str) -> None:
            typer.echo(f"Listening on {url}, keeping records in {folder}. Stop with Ctrl-C.")
            if exposure.needs_key:
                scope = "admin" if demo else "write"
                typer.echo(
                    f"Everyone needs a key: watchkeeper keys create {folder} --scope {scope}",
                    err=True,
                )
            if demo:
                _start_demo(stack, folder, url, needs_key=exposure.needs_key)

        run(
            folder,
            host=host,
            port=port,
            settings=ServerSettings(exposure=exposure, logs_requests=log_requests),
            certificate=certificate,
            listening=listening,
        )


def _folder(store: Path | None, stack: ExitStack, *, demo: bool, has_tls: bool) -> Path:
    """Return the folder to serve; a demo without one gets one that ends with it."""
    from watchkeeper.errors import SettingsError

    if not demo:
        if store is None:
            raise SettingsError("name the folder of the store, or see one at work with --demo")
        return store
    from watchkeeper.demo import require_new

    if has_tls:
        raise SettingsError("--demo speaks plain HTTP; leave --tls-certificate and --tls-key out")
    if store is None:
        return Path(stack.enter_context(TemporaryDirectory(prefix="watchkeeper-demo-")))
    require_new(store)
    return store


def _start_demo(stack: ExitStack, folder: Path, url: str, *, needs_key: bool) -> None:
    """Let the demo run until the server has ended."""
    from watchkeeper.cli.demo_progress import demo_progress
    from watchkeeper.demo import Demo

    show = stack.enter_context(demo_progress())
    stack.enter_context(Demo(folder, url, needs_key=needs_key, progress=show))
