"""The promise to the user: how many false alarms they accept, over all streams together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from watchkeeper.errors import SettingsError
from watchkeeper.events import parse_duration
from watchkeeper.watch.bucketing import Bucketing

_FORM = re.compile(r"\s*(?P<alarms>\d+(?:\.\d+)?)\s*(?:per|in|/)\s*(?P<span>.+?)\s*", re.IGNORECASE)
_BUCKETS = re.compile(r"(?P<n>\d+(?:\.\d+)?)\s*(?:buckets?|windows?)", re.IGNORECASE)


LOSS_SHARE: Final = 0.15
"""Part of a model's budget that the watch over its loss may use."""
LABELS_SHARE: Final = 0.05
"""Part for labels that stop coming."""
ESTIMATES_SHARE: Final = 0.1
"""Part for estimates that labels contradict."""
OUTLIERS_SHARE: Final = 0.05
"""Part for outliers that become many, of a model whose baseline tells them."""
BUSINESS_SHARE: Final = 0.05
"""Part for business metrics that fall, of a model that declares some."""
QUALITY_SHARE: Final = LOSS_SHARE + LABELS_SHARE + ESTIMATES_SHARE
"""Part of a model with labels that its columns give up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A number of false alarms accepted per span of time or per number of buckets.

    Attributes
    ----------
    alarms
        Accepted false alarms, > 0.
    per
        Span of time, or ``None`` when the budget counts buckets.
    buckets
        Number of buckets, or ``None`` when the budget counts time.
    text
        As the user wrote it.
    """

    alarms: float
    per: timedelta | None
    buckets: float | None
    text: str

    @classmethod
    def parse(cls, text: str) -> Budget:
        """Read ``"1 per 30d"`` or ``"1 per 720 buckets"``.

        Raises
        ------
        SettingsError
            If the text has another form or a number is not positive.

        Examples
        --------
        >>> Budget.parse("1 per 30d").per
        datetime.timedelta(days=30)
        >>> Budget.parse("2 per 720 buckets").in_buckets(Bucketing.parse("1h"))
        360.0
        """
        match = _FORM.fullmatch(text)
        if match is None:
            raise SettingsError(_message(text))
        alarms = float(match["alarms"])
        counted = _BUCKETS.fullmatch(match["span"])
        per: timedelta | None = None
        buckets: float | None = None
        if counted is not None:
            buckets = float(counted["n"])
        else:
            try:
                per = parse_duration(match["span"])
            except SettingsError as error:
                raise SettingsError(_message(text)) from error
        if alarms <= 0 or (buckets is not None and buckets <= 0):
            raise SettingsError(_message(text))
        return cls(alarms=alarms, per=per, buckets=buckets, text=" ".join(text.split()))

    def in_buckets(self, bucketing: Bucketing, *, typical: timedelta | None = None) -> float:
        """Mean number of buckets to a false alarm that keeps the budget, at least 1.

        Parameters
        ----------
        bucketing
            How rows are cut into buckets.
        typical
            For buckets of rows: the usual time that one spans, if times are known.

        Raises
        ------
        SettingsError
            If the budget is in time, buckets are of rows, and no times are known.
        """
        if self.buckets is not None:
            return max(1.0, self.buckets / self.alarms)
        length = bucketing.length or typical
        if length is None or length <= timedelta(0):
            message = (
                f"a budget in time ({self.text!r}) needs to know how long a bucket of"
                f" {bucketing} lasts; name the time column, or give the budget in buckets,"
                " for example '1 per 720 buckets'"
            )
            raise SettingsError(message)
        assert self.per is not None
        return max(1.0, self.per / length / self.alarms)

    def __str__(self) -> str:
        return self.text


def _message(text: str) -> str:
    return (
        f"budget {text!r} is not understood; write a number of false alarms per span,"
        " for example '1 per 30d' or '1 per 720 buckets'"
    )
