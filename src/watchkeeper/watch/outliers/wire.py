"""Scorers as bytes, exactly."""

from __future__ import annotations

import msgspec

from watchkeeper.errors import StoreError
from watchkeeper.stats import packed, unpacked
from watchkeeper.watch.outliers.scorer import OutlierScorer


def scorer_to_bytes(scorer: OutlierScorer) -> bytes:
    """Return a scorer as bytes; `scorer_from_bytes` gives the very same back."""
    return packed(scorer)


def scorer_from_bytes(data: bytes) -> OutlierScorer:
    """Return the scorer that was made bytes.

    Raises
    ------
    StoreError
        If the bytes are damaged or of another version.
    """
    try:
        return unpacked(data, OutlierScorer)
    except msgspec.MsgspecError as error:
        raise StoreError(
            "a saved outlier scorer is of another version of Watchkeeper; fit the baseline anew"
        ) from error
