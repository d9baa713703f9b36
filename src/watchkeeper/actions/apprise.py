"""Slack, Teams, e-mail and a hundred others, through Apprise."""

from __future__ import annotations

import logging
import re
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from watchkeeper.actions.channel import Sent
from watchkeeper.actions.notice import Notice
from watchkeeper.errors import DeliveryError, MissingExtraError, UnreachableError

_DEADLINE_SECONDS: Final = 30.0
# What chat services take for a mention, a link or a tag, written so that they do not: names and
# values come from the data, and data must not call the whole channel.
_DEFUSED: Final = str.maketrans({"<": "‹", ">": "›", "@": "@\N{WORD JOINER}"})
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Apprise:
    """One receiver.

    Attributes
    ----------
    url
        As Apprise writes it, with all placeholders filled.
    """

    url: str
    with_picture: bool

    def send(self, notice: Notice) -> Sent:
        """Send one message; see `Channel`.

        Apprise tells that a message was not taken, not whether it ever will be: all failures are
        worth another attempt, but for an address that it cannot read.
        """
        library = _library()
        service = library.Apprise.instantiate(self.url, asset=_asset(), suppress_exceptions=True)
        if service is None:
            raise DeliveryError(
                "Apprise cannot read the URL; see https://github.com/caronc/apprise/wiki for how"
                " each service is written"
            )
        outlet = library.Apprise(asset=_asset())
        outlet.add(service)
        said: list[str] = []
        attach = None
        text = notice.text
        if self.with_picture and notice.picture is not None and _takes_files(service):
            attach = library.AppriseAttachment()
            attach.add(_attachment(notice.picture))
        elif self.with_picture and notice.picture_url is not None:
            text += f"\nPicture: {notice.picture_url}"
        result = outlet.notify(
            title=_plain(notice.title),
            body=_plain(text),
            body_format=library.NotifyFormat.TEXT,
            notify_type=_type_of(notice),
            attach=attach,
            log_callback=lambda entry, _service: said.append(entry.message),
            log_level=logging.WARNING,
        )
        if not result:
            raise UnreachableError("; ".join(said[-2:]) or "the service did not take it")
        return Sent(answer=f"{service.service_name} has taken it")


def _plain(text: str) -> str:
    return _CONTROL.sub(" ", text).translate(_DEFUSED)


def _type_of(notice: Notice) -> str:
    if notice.event in {"test", "acknowledged"}:
        return "info"
    if notice.event == "resolved":
        return "success"
    return "failure" if notice.severity == "critical" else "warning"


def _takes_files(service: Any) -> bool:
    # Slack takes files from bots only, and its plug-in says yes for all.
    is_hook = str(getattr(service, "mode", "")) in {"hook", "webhook"}
    return bool(service.attachment_support) and not is_hook


def _attachment(picture: bytes) -> Any:
    from apprise.attachment import memory

    made: Any = memory.AttachMemory
    return made(content=picture, name="incident.png", mimetype="image/png")


@cache
def _library() -> Any:
    try:
        with warnings.catch_warnings():
            # Its plug-ins import what Python gives up in 3.13.
            warnings.simplefilter("ignore", DeprecationWarning)
            import apprise

            apprise.Apprise.instantiate("json://localhost")  # loads the plug-ins
    except ModuleNotFoundError as error:
        message = (
            "messages by Apprise need the package apprise, which is not installed;"
            " run: pip install 'watchkeeper[server]'"
        )
        raise MissingExtraError(message) from error
    # What it has to say becomes our error; its log would repeat it.
    logging.getLogger("apprise").propagate = False
    return apprise


@cache
def _asset() -> Any:
    return _library().AppriseAsset(
        app_id="Watchkeeper",
        app_desc="Watchkeeper",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        http_redirects=False,
        pgp_autogen=False,
        pem_autogen=False,
        storage_mode="memory",
        service_timeout=_DEADLINE_SECONDS,
        async_mode=False,
        interpret_emojis=False,
        allow_templates=False,
    )
