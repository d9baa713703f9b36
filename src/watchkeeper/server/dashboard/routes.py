"""Where the dashboard's page and files are found."""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from watchkeeper.server.dashboard.assets import Asset, load_bundle

ASSETS_PATH: Final = "/assets"
_VIEWS: Final = (
    "/",
    "/login",
    "/incidents",
    "/incidents/{id}",
    "/predictions",
    "/alerts",
    "/audit",
    "/settings",
    "/models/{rest:path}",
)
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
_FOR_GOOD: Final = "public, max-age=31536000, immutable"


def dashboard_routes() -> list[Route]:
    """Return the routes of the page, the same at the URL of every view, and of its files.

    They hold no data, so they need no key; the application then asks for one if the server does.
    """
    bundle = load_bundle(ASSETS_PATH)

    async def shell(request: Request) -> Response:
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}
        return _answer(request, bundle.shell, etag=f'"{bundle.version}"', headers=headers)

    async def asset(request: Request) -> Response:
        path = request.path_params
        found = bundle.assets.get(path["name"])
        # Another version's name must not get this one's content: it would be kept for good.
        if found is None or path["version"] != bundle.version:
            raise HTTPException(404)
        etag = f'"{bundle.version}/{path["name"]}"'
        return _answer(request, found, etag=etag, headers={"Cache-Control": _FOR_GOOD})

    async def icon(request: Request) -> Response:
        headers = {"Cache-Control": "public, max-age=86400"}
        return _answer(
            request, bundle.assets["icon.svg"], etag=f'"{bundle.version}/icon"', headers=headers
        )

    return [
        *(Route(path, shell, methods=["GET"]) for path in _VIEWS),
        Route("/icon.svg", icon, methods=["GET"]),
        Route(ASSETS_PATH + "/{version}/{name:path}", asset, methods=["GET"]),
    ]


def _answer(request: Request, asset: Asset, *, etag: str, headers: dict[str, str]) -> Response:
    headers = {"ETag": etag, "Vary": "Accept-Encoding", **headers}
    if request.headers.get("if-none-match") in (etag, f"W/{etag}"):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.zipped, headers=headers, media_type=asset.media_type)
    return Response(asset.content, headers=headers, media_type=asset.media_type)
