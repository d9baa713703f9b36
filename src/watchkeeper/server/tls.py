"""The certificate that a server shows, read anew when it was renewed."""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass
from pathlib import Path

from watchkeeper.errors import SettingsError, SetupError

logger = logging.getLogger("watchkeeper.server")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Files in PEM: the certificate with those above it, and its key, without a passphrase."""

    certificate: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """Return what the server speaks TLS with: 1.2 and newer.

        Raises
        ------
        SetupError
            If the files cannot be read or do not belong together.
        """
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._load_into(context)
        return context

    def renew(self, context: ssl.SSLContext) -> None:
        """Read the files again; if they are bad, say so in the log and go on with the old ones."""
        try:
            # A context that failed half-way would have the new certificate and the old key.
            self.context()
            self._load_into(context)
        except SetupError as error:
            logger.error("the old certificate stays: %s", error)
        else:
            logger.warning("the certificate was read again")

    def _load_into(self, context: ssl.SSLContext) -> None:
        try:
            context.load_cert_chain(self.certificate, self.key, password=_no_passphrase)
        except (OSError, ValueError) as error:
            message = (
                f"cannot speak TLS with {self.certificate} and {self.key}: {error}; expected a "
                "certificate and its key in PEM, the key without a passphrase"
            )
            raise SetupError(message) from error


def certificate_of(certificate: Path | None, key: Path | None) -> Certificate | None:
    """Return the files as given by options.

    Raises
    ------
    SettingsError
        If only one of the two is given.
    """
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise SettingsError("--tls-certificate and --tls-key go together; one of them is missing")
    return Certificate(certificate=certificate, key=key)


def _no_passphrase() -> str:
    raise ValueError("the key has a passphrase")
