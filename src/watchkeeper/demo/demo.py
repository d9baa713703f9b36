"""The demo beside a server: fills its store, then lets the models go on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Final, Self

from watchkeeper.demo.filling import ACTOR, fill, put_in_force, set_normal
from watchkeeper.demo.service import Service, simulated
from watchkeeper.demo.streaming import Clock, stream
from watchkeeper.demo.year import MODELS, Year, moved_year
from watchkeeper.errors import SettingsError
from watchkeeper.sdk import Client
from watchkeeper.store import DEFAULT_PROJECT, Store

logger = logging.getLogger("watchkeeper.demo")

_EVER: Final = datetime.fromtimestamp(0, UTC)
_REPLAYED: Final = timedelta(days=1)
_SPEED: Final = 600.0
_GOING_ON: Final = "Replaying the last day, ten minutes a second; from there on time is real"
_BUCKET: Final = timedelta(hours=1)
_LOOK_SECONDS: Final = 0.5
_PATIENCE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How far the demo has come.

    Attributes
    ----------
    doing
        What it does now.
    done, total
        In steps of their own; equal at its end.
    is_last
        Whether the store is filled, and from now on time just passes.
    """

    doing: str
    done: int
    total: int
    is_last: bool = False


class Demo:
    """Flights of 2013 as if they were today's, in a thread of its own.

    First the past goes into the store, and the running server judges it. Then the last day goes by
    in two and a half minutes, prediction by prediction over HTTP, and from there on time passes as
    it does.

    Parameters
    ----------
    folder
        Of the store, which the server has open.
    url
        Of the server.
    needs_key
        Whether the server asks for one; it is made.
    progress
        Called from the thread.
    """

    def __init__(
        self, folder: Path, url: str, *, needs_key: bool, progress: Callable[[Stage], None]
    ) -> None:
        self._folder = folder
        self._url = url
        self._needs_key = needs_key
        self._progress = progress
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, once the step that is under way is done."""
        # The server is gone; that what is logged in this moment is lost is no news.
        logging.getLogger("watchkeeper.sdk").setLevel(logging.CRITICAL)
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._play()
        except Exception:
            # The server goes on without it.
            logger.exception("the demo ended")

    def _play(self) -> None:
        now = datetime.now(UTC)
        begins = (now - _REPLAYED).replace(minute=0, second=0, microsecond=0)
        year = moved_year(now)
        services = {model: simulated(year, model, now=now) for model in MODELS}
        with Store.open(self._folder) as store:
            for model in self._steps("Learning what is normal"):
                put_in_force(store, model, now=now)
                fill(store, year, model, services[model], since=_EVER, until=year.normal_until)
                set_normal(store, year, model, now=now)
            for model in self._steps("Putting the past in"):
                since = year.normal_until
                fill(store, year, model, services[model], since=since, until=begins)
            self._await_judged(store, (year.newest(begins) - year.normal_until) // _BUCKET)
            key = self._key(store) if self._needs_key else None
        if not self._stop.is_set():
            self._progress(Stage(doing=_GOING_ON, done=1, total=1, is_last=True))
            self._go_on(year, services, begins, key)

    def _steps(self, doing: str) -> Iterator[str]:
        """Yield models, telling how many are done, until stopped."""
        for done, model in enumerate(MODELS):
            self._progress(Stage(doing=doing, done=done, total=len(MODELS)))
            if self._stop.is_set():
                return
            yield model
        self._progress(Stage(doing=doing, done=len(MODELS), total=len(MODELS)))

    def _await_judged(self, store: Store, buckets: int) -> None:
        """Wait until the server has judged so many buckets of each model."""
        done, total = 0, buckets * len(MODELS)
        while done < total and not self._stop.wait(_LOOK_SECONDS):
            versions = store.watch_log.watched()
            last = [store.watch_log.last_bucket(model, versions[model]) for model in MODELS]
            done = sum(min(one.number + 1, buckets) for one in last if one is not None)
            self._progress(Stage(doing="Judging hour by hour", done=done, total=total))

    def _key(self, store: Store) -> str:
        _, text = store.access_keys.create(
            project=DEFAULT_PROJECT,
            name="demo",
            scopes=["write"],
            actor=ACTOR,
            now=datetime.now(UTC),
        )
        return text

    def _go_on(
        self, year: Year, services: Mapping[str, Service], begins: datetime, key: str | None
    ) -> None:
        clients = {model: Client(self._url, model=model, api_key=key) for model in MODELS}
        try:
            clock = Clock(begins=begins, started=monotonic(), speed=_SPEED)
            stream(clients, year, services, clock, self._stop)
        finally:
            for client in clients.values():
                client.close(_PATIENCE_SECONDS)


def require_new(folder: Path) -> None:
    """Make sure that a folder holds no demo yet.

    Raises
    ------
    SettingsError
        If it does.
    """
    if not (folder / "state.sqlite").exists():
        return
    with Store.open(folder, create=False) as store:
        names = {summary.model for summary in store.models()}
    if names & set(MODELS):
        message = (
            f"{folder} holds a demo already; name another folder, or none, or leave --demo out to"
            " serve what it holds"
        )
        raise SettingsError(message)
