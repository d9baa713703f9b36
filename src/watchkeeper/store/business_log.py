"""The days of business metrics, each as it was when it was judged."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

import sqlalchemy as sa

from watchkeeper.store.database import Database
from watchkeeper.store.tables import business_days, business_waits


class BusinessDay(NamedTuple):
    """The sums of one day.

    Attributes
    ----------
    start
        Seconds since 1970.
    above, below
        Numerator and denominator, over the day's entities.
    error
        Standard error of their ratio, clustered by entity; 0 where there is none.
    """

    start: int
    above: float
    below: float
    entities: int
    error: float


class BusinessLog:
    """The days of a project's business metrics, by what a metric is made of: its recipe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def wait_days(self, model: str, recipe: str, version: int) -> int | None:
        """Return how many days a day waits under a baseline, ``None`` if that is not known."""
        c = business_waits.c
        query = sa.select(c.wait_days).where(
            c.model == model, c.recipe == recipe, c.baseline_version == version
        )
        with self._database.reading() as connection:
            found: int | None = connection.execute(query).scalar()
        return found

    def keep_wait(self, model: str, recipe: str, version: int, wait_days: int) -> None:
        """Note how many days a day waits, unless another process did."""
        with self._database.writing() as connection:
            connection.exec_driver_sql(
                "INSERT OR IGNORE INTO business_waits VALUES (?, ?, ?, ?)",
                (model, recipe, version, wait_days),
            )

    def days(self, model: str, recipe: str, wait_days: int) -> list[BusinessDay]:
        """Return the days that were measured after so many days, in order."""
        c = business_days.c
        query = (
            sa.select(c.start, c.above, c.below, c.entities, c.error)
            .where(c.model == model, c.recipe == recipe, c.wait_days == wait_days)
            .order_by(c.start)
        )
        with self._database.reading() as connection:
            return [BusinessDay(*row) for row in connection.execute(query)]

    def keep(self, model: str, recipe: str, wait_days: int, days: Iterable[BusinessDay]) -> None:
        """Keep days; one that is kept already stays as it is."""
        rows = [(model, recipe, wait_days, *day) for day in days]
        if not rows:
            return
        with self._database.writing() as connection:
            connection.exec_driver_sql(
                "INSERT OR IGNORE INTO business_days VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows
            )

    def forget_others(self, model: str, recipes: Collection[str]) -> None:
        """Remove what belongs to none of a model's recipes."""
        c = business_days.c
        other = sa.select(c.recipe).where(c.model == model, c.recipe.not_in(recipes)).limit(1)
        with self._database.reading() as connection:
            if connection.execute(other).first() is None:
                return
        with self._database.writing() as connection:
            for table in (business_days, business_waits):
                gone = table.c.model == model, table.c.recipe.not_in(recipes)
                connection.execute(sa.delete(table).where(*gone))
