"""Notices of the outbox become messages and go out, again and again until they are taken."""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from watchkeeper.actions import ChannelSettings, Notice, Secrets, Sent, channel_of, goes_together
from watchkeeper.errors import DeliveryError, SetupError, TryAgainError, WatchkeeperError
from watchkeeper.pipeline.alerting.composing import compose
from watchkeeper.pipeline.alerting.settings import AlertSettings
from watchkeeper.pipeline.standing import is_muted
from watchkeeper.store import IncidentKey, SavedNotice, Store

logger = logging.getLogger("watchkeeper.alerts")

Outcome: TypeAlias = Literal["nothing", "sent", "failed", "dead"]

GIVEN_UP_AFTER: Final = timedelta(hours=24)
TOGETHER_WITHIN: Final = timedelta(minutes=1)
_FIRST_SECONDS: Final = 5.0
_LONGEST_SECONDS: Final = 3_600.0
_LONGEST_PAUSE: Final = timedelta(minutes=5)
_DOWN_AFTER: Final = 3


@dataclass(slots=True, kw_only=True)
class Sender:
    """Sends what one channel has to send, one message at a time.

    What it remembers is how the receiver did lately, so that one that is down is left alone: its
    messages wait, and go as few when it is back.

    Attributes
    ----------
    channel
        Name of the channel.
    environ
        Where secrets come from.
    """

    store: Store
    project: str
    channel: str
    environ: Mapping[str, str]
    chance: random.Random = field(default_factory=random.SystemRandom)
    _failures: int = 0
    _paused_until: datetime | None = None

    def send_next(self, settings: AlertSettings, *, now: datetime) -> Outcome:
        """Send the next message that is due, if any, and note what became of it."""
        known = settings.channels.get(self.channel)
        if known is None or self._pauses(known, now):
            return "nothing"
        log = self.store.notices
        claimed = log.claim(self.channel, together=goes_together(known), now=now)
        claimed = self._still_wanted(claimed, now)
        if not claimed:
            return "nothing"
        numbers = [notice.number for notice in claimed]
        try:
            message = compose(self.store, self.project, settings, claimed)
            send(known, message, self.environ)
        except DeliveryError as error:
            log.mark_dead(numbers, str(error))
            return "dead"
        except (WatchkeeperError, OSError, ValueError) as error:
            return self._failed(claimed, error, now)
        except Exception as error:  # one that cannot be written must not hold up all others
            logger.exception("a message of %s cannot be written", claimed[0].incident_key)
            return self._failed(claimed, error, now)
        log.mark_sent(numbers, now=now)
        if self._failures >= _DOWN_AFTER:
            log.hurry(self.channel, now=now)
        self._failures, self._paused_until = 0, None
        return "sent"

    def _pauses(self, known: ChannelSettings, now: datetime) -> bool:
        if self._paused_until is not None and now < self._paused_until:
            return True
        if not goes_together(known):
            return False
        last = self.store.notices.last_sent(self.channel)
        return last is not None and timedelta(0) <= now - last < TOGETHER_WITHIN

    def _still_wanted(self, claimed: Sequence[SavedNotice], now: datetime) -> list[SavedNotice]:
        """Sort out what was muted while it waited, and what follows on what was never told."""
        log, wanted = self.store.notices, []
        for notice in claimed:
            key = notice.incident_key
            opened = next(
                other.status
                for other in log.of_incident(key)
                if other.channel == self.channel and other.event == "opened"
            )
            if notice.event != "opened" and opened in {"dead", "dropped"}:
                log.mark_dead([notice.number], "that it had opened was not delivered")
            elif is_muted(self.store, IncidentKey.parse(key), now=now) and not (
                notice.event == "resolved" and opened == "sent"
            ):
                log.mark_dropped([notice.number], "muted")
            else:
                wanted.append(notice)
        return wanted

    def _failed(self, claimed: Sequence[SavedNotice], error: Exception, now: datetime) -> Outcome:
        asked = error.retry_after_seconds if isinstance(error, TryAgainError) else None
        pause = min(_LONGEST_PAUSE, timedelta(seconds=self._wait(self._failures)))
        self._failures += 1
        self._paused_until = now + max(pause, timedelta(seconds=min(asked or 0.0, 3_600.0)))
        numbers, last = [n.number for n in claimed], claimed[0].created_at + GIVEN_UP_AFTER
        said = str(error) or type(error).__name__
        if now >= last:
            hours = GIVEN_UP_AFTER.total_seconds() / 3_600
            self.store.notices.mark_dead(numbers, f"given up after {hours:g} hours: {said}")
            return "dead"
        wait = timedelta(seconds=max(self._wait(claimed[0].attempts), min(asked or 0.0, 86_400.0)))
        self.store.notices.mark_failed(numbers, said, due_at=min(now + wait, last))
        return "failed"

    def _wait(self, failures: int) -> float:
        ceiling = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2.0 ** min(failures, 30))
        return self.chance.uniform(0.8 * ceiling, 1.2 * ceiling)


def send(settings: ChannelSettings, message: Notice, environ: Mapping[str, str]) -> Sent:
    """Send one message by a channel as it is set up.

    Raises
    ------
    DeliveryError
        If the receiver refuses it for good. No error says a secret.
    TryAgainError, SetupError
        If it may be taken later.
    """
    secrets = Secrets(environ)
    try:
        sent = channel_of(settings, secrets).send(message)
    except TryAgainError as error:
        raise type(error)(
            secrets.masked(str(error)), retry_after_seconds=error.retry_after_seconds
        ) from None
    except SetupError as error:
        raise type(error)(secrets.masked(str(error))) from None
    return Sent(answer=secrets.masked(sent.answer))
