"""Contributions that would tell what a private column does not: they are not stored.

What a feature contributed to an output follows from its value, often one to one, so it is dropped
whether the feature is hashed, dropped or masked. All contributions add up to the output.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Final

from watchkeeper.events import EXPLANATION

_FEATURE: Final = "feature:"


class PrivateContributions:
    """The contributions of one model that are not stored.

    Parameters
    ----------
    private
        Stored names of its private columns.
    """

    def __init__(self, private: Iterable[str]) -> None:
        names = set(private)
        self._all = "output" in names
        self._named = {n.removeprefix(EXPLANATION) for n in names if n.startswith(EXPLANATION)}
        self._features = [n.removeprefix(_FEATURE) for n in names if n.startswith(_FEATURE)]

    def kept(
        self, explanation: Mapping[str, float | None], features: Container[str]
    ) -> Mapping[str, float | None] | None:
        """Return what is stored of an explanation.

        Parameters
        ----------
        features
            Names of the features of the same prediction.
        """
        kept = {n: v for n, v in explanation.items() if not self._tells(n, is_own=n in features)}
        return kept or None

    def columns(self, names: Iterable[str]) -> set[str]:
        """Return which columns of a table of predictions are not stored."""
        given = set(names)
        return {
            name
            for name in given
            if name.startswith(EXPLANATION)
            and self._tells(
                plain := name.removeprefix(EXPLANATION), is_own=_FEATURE + plain in given
            )
        }

    def _tells(self, name: str, *, is_own: bool) -> bool:
        """Return whether a contribution tells of a private feature.

        An encoder names its columns after the feature: ``country=CH``, ``country_CH``,
        ``onehot__country_CH``. One that is a feature of its own tells of itself alone.
        """
        if self._all or name in self._named or name in self._features:
            return True
        encoded = name.partition("__")[2]
        return not is_own and any(
            one.startswith(feature) and not one[len(feature) : len(feature) + 1].isalnum()
            for feature in self._features
            for one in (name, encoded)
        )
