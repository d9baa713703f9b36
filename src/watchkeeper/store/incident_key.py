"""One name for an incident in a whole project."""

from __future__ import annotations

import base64
import binascii
import re

import msgspec

from watchkeeper.errors import DataError

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")
_WITHIN = re.compile(r"[A-Za-z0-9._~-]+")
_CODED = "~"


class IncidentKey(msgspec.Struct, frozen=True, kw_only=True):
    """Which incident: of which model, by which version of its baseline (0 for none), and its id.

    As text it is safe in a URL and unique in a project.

    Examples
    --------
    >>> key = IncidentKey(model="delays", version=2, incident_id="drift-000041-0001")
    >>> str(key)
    'delays.2.drift-000041-0001'
    >>> IncidentKey.parse(str(key)) == key
    True
    >>> str(IncidentKey(model="né/1", version=1, incident_id="rule-000000-0000"))
    '~bsOpLzE.1.rule-000000-0000'
    """

    model: str
    version: int
    incident_id: str

    def __str__(self) -> str:
        """Return the text that `parse` reads."""
        return f"{_coded(self.model)}.{self.version}.{self.incident_id}"

    @classmethod
    def parse(cls, text: str) -> IncidentKey:
        """Return the key of a text.

        Raises
        ------
        DataError
            If it is none.
        """
        model, _, rest = text.partition(".")
        version, _, incident_id = rest.partition(".")
        name = _decoded(model)
        if name is None or not _NUMBER.fullmatch(version) or not _WITHIN.fullmatch(incident_id):
            message = (
                f"{text!r} is no incident's id; expected one such as"
                " 'churn.1.drift-000041-0001', as a list of incidents shows it"
            )
            raise DataError(message)
        return cls(model=name, version=int(version), incident_id=incident_id)


def _coded(model: str) -> str:
    if _PLAIN.fullmatch(model):
        return model
    text = base64.urlsafe_b64encode(model.encode("utf-8", "surrogatepass")).decode()
    return _CODED + text.rstrip("=")


def _decoded(text: str) -> str | None:
    """Return the model's name, ``None`` for a text that `_coded` never returns."""
    if _PLAIN.fullmatch(text):
        return text
    if not text.startswith(_CODED) or not _PLAIN.fullmatch(text[1:]):
        return None
    try:
        padded = text[1:] + "=" * (-len(text[1:]) % 4)
        model = base64.urlsafe_b64decode(padded).decode("utf-8", "surrogatepass")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return model if _coded(model) == text else None
