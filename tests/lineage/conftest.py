"""Fixtures of the tests of lineage."""

from collections.abc import Iterator

import pytest

from core.store import Store


@pytest.fixture(scope="module")
def worn(engine_dsn: str) -> Iterator[Store]:
    """One migrated store for all tests of a module: each empties it first (`arrange.bench`)."""
    opened = Store.open(engine_dsn, database="worn_lineage")
    opened.migrate()
    yield opened
    opened.drop()
    opened.close()


@pytest.fixture
def store(worn: Store) -> Store:
    """A store that `arrange.bench` empties; making one anew costs more than most tests here."""
    return worn
