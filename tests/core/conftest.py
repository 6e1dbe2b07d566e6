"""Stores without a schema: the battery of the store needs none, and laying one takes a second."""

import itertools
from collections.abc import Iterator

import pytest

from core.store import Store

_numbers = itertools.count(1)


@pytest.fixture(params=["chdb", "server"])
def any_dsn(request: pytest.FixtureRequest) -> str:
    """The embedded engine, then the genuine server."""
    if request.param == "server":
        dsn: str = request.getfixturevalue("server").dsn()
    else:
        dsn = request.getfixturevalue("engine_dsn")
    return dsn


@pytest.fixture
def bare_store(any_dsn: str) -> Iterator[Store]:
    """An empty database: the test runs on the embedded engine and on the genuine server."""
    opened = Store.open(any_dsn, database=f"bare_{next(_numbers)}")
    yield opened
    opened.drop()
    opened.close()
