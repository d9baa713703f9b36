"""Signatures of messages, by the Standard Webhooks convention (standardwebhooks.com, 2023)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime

from watchkeeper.errors import SetupError

_PREFIX = "whsec_"


def signature_headers(
    secret: str, message_id: str, body: bytes, *, now: datetime
) -> dict[str, str]:
    """Return the headers that say who sent a message, and when.

    The signature is HMAC-SHA256 over ``id.timestamp.body``, in base64 after ``v1,``.

    Parameters
    ----------
    secret
        ``whsec_`` and base64, as the convention has it; any other text is taken byte by byte.
    message_id
        The same for every attempt.
    now
        When this attempt is made; receivers turn away what is minutes old.

    Raises
    ------
    SetupError
        If what follows ``whsec_`` is no base64.

    Examples
    --------
    The example of the convention's own specification:

    >>> from datetime import UTC
    >>> headers = signature_headers(
    ...     "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ...     "msg_p5jXN8AQM9LWM0D4loKWxJek",
    ...     b'{"test": 2432232314}',
    ...     now=datetime.fromtimestamp(1614265330, UTC),
    ... )
    >>> headers["webhook-signature"]
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    timestamp = str(int(now.timestamp()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def _key(secret: str) -> bytes:
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise SetupError("the secret begins with whsec_, but what follows is no base64") from error
