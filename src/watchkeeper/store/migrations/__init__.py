"""Versions of the state database, oldest first; Alembic runs them when a store is opened."""
