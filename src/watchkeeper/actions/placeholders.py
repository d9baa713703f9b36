"""``${NAME}`` in settings: secrets stay in the environment until the moment of sending."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from watchkeeper.errors import SetupError

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SHORTEST_SECRET = 4


def is_placeholder(text: str) -> bool:
    """Return whether a text is one ``${NAME}`` and nothing else.

    Examples
    --------
    >>> is_placeholder("${KEY}"), is_placeholder("x${KEY}")
    (True, False)
    """
    return _PLACEHOLDER.fullmatch(text) is not None


def has_placeholder(text: str) -> bool:
    """Return whether a text holds a ``${NAME}``."""
    return _PLACEHOLDER.search(text) is not None


def without_placeholders(text: str) -> str:
    """Return what is left of a text without its ``${NAME}``s."""
    return _PLACEHOLDER.sub("", text)


@dataclass(slots=True)
class Secrets:
    """Puts values in the place of ``${NAME}``, and takes them out of what is to be read.

    Attributes
    ----------
    environ
        The environment of the process.
    """

    environ: Mapping[str, str]
    _used: set[str] = field(default_factory=set)

    def resolve(self, text: str) -> str:
        """Return a text with the values of its placeholders.

        Raises
        ------
        SetupError
            If the environment does not have one, or it is empty.
        """

        def value(match: re.Match[str]) -> str:
            found = self.environ.get(match[1], "").strip()
            if not found:
                message = (
                    f"the environment variable {match[1]} is not set for the server; set it and"
                    " start the server again"
                )
                raise SetupError(message)
            self._used.add(found)
            return found

        return _PLACEHOLDER.sub(value, text)

    def masked(self, text: str) -> str:
        """Return a text without the values that were put in, nor any long part of them.

        Examples
        --------
        >>> secrets = Secrets({"KEY": "https://example.com/s3cr3t"})
        >>> secrets.resolve("${KEY}")
        'https://example.com/s3cr3t'
        >>> secrets.masked("POST /s3cr3t failed")
        'POST /*** failed'
        """
        parts = {part for used in self._used for part in (used, *re.split(r"[/?&=:@]+", used))}
        for part in sorted(parts, key=len, reverse=True):
            if len(part) >= _SHORTEST_SECRET and not part.startswith("http"):
                text = text.replace(part, "***")
        return text
