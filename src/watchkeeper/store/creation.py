"""The tables of a new store."""

from __future__ import annotations

import sqlalchemy as sa

from watchkeeper.store.tables import metadata

# Where Alembic keeps the version, as it makes that table itself.
_version = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def is_empty(connection: sa.Connection) -> bool:
    """Whether a database has no tables at all, neither ours nor anybody else's."""
    return connection.exec_driver_sql("SELECT 1 FROM sqlite_master").first() is None


def create_tables(connection: sa.Connection, version: str) -> None:
    """Make in an empty database what all migrations up to ``version``, the newest, lead to.

    The migrations one after the other would take ten times as long, most of it to load Alembic.
    """
    metadata.create_all(connection, checkfirst=False)
    _version.create(connection)
    connection.execute(_version.insert().values(version_num=version))
