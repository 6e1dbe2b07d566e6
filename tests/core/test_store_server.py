"""What only a server does: accounts, passwords, going away and coming back."""

import threading
from collections.abc import Iterator

import pytest

from core.errors import StoreRefused, StoreUnavailable
from core.store import Migrator, Store
from tests.server.genuine import GenuineServer


@pytest.fixture
def reading(server: GenuineServer, server_store: Store) -> Iterator[Store]:
    """The same database through an account that may only read."""
    opened = Store.open(server.reader_dsn(), database=server_store.database)
    yield opened
    opened.close()


def test_an_error_is_told_once_and_not_by_the_driver_too(
    server: GenuineServer, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(StoreRefused):
        Store.open(server.dsn("writer", "guessed-word"))
    assert caplog.records == []


def test_a_wrong_password_is_said_and_not_shown(server: GenuineServer) -> None:
    with pytest.raises(StoreRefused, match="user or password") as caught:
        Store.open(server.dsn("writer", "guessed-word"))
    assert "guessed-word" not in str(caught.value)
    assert caught.value.code == 516


def test_the_same_store_works_again_when_the_server_has_come_back(
    server: GenuineServer, server_store: Store
) -> None:
    server_store.insert("batches", ["batch", "rows"], [[1, 7]])
    server.kill()
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="is away") as caught:
            server_store.value("SELECT sum(rows) FROM batches")
        assert "writes-in-tests" not in str(caught.value)
    server.start()
    assert server_store.value("SELECT sum(rows) FROM batches") == 7
    server_store.insert("batches", ["batch", "rows"], [[2, 1]])
    assert server_store.value("SELECT sum(rows) FROM batches") == 8


def test_a_server_that_is_killed_in_a_query_is_away_and_no_refusal(
    server: GenuineServer, server_store: Store
) -> None:
    errors: list[BaseException] = []

    def wait_long() -> None:
        try:
            server_store.value("SELECT sleepEachRow(1) FROM numbers(3) SETTINGS max_block_size = 1")
        except (StoreUnavailable, StoreRefused) as error:
            errors.append(error)

    waiting = threading.Thread(target=wait_long)
    waiting.start()
    while not server_store.value(
        "SELECT count() FROM system.processes WHERE query LIKE '%sleepEachRow(1)%'"
        " AND query NOT LIKE '%processes%'"
    ):
        pass
    server.kill()
    waiting.join()
    server.start()
    assert [type(error) for error in errors] == [StoreUnavailable]


def test_a_server_that_is_killed_while_it_answers_is_away_and_no_refusal(
    server: GenuineServer, server_store: Store
) -> None:
    """Rows have come already when the connection breaks."""
    errors: list[BaseException] = []

    def read_long() -> None:
        try:
            server_store.rows(
                "SELECT sleepEachRow(0.001), randomPrintableASCII(20000) FROM numbers(20000)"
                " SETTINGS max_block_size = 50"
            )
        except Exception as error:
            errors.append(error)

    reading = threading.Thread(target=read_long)
    reading.start()
    while not server_store.value(
        "SELECT count() FROM system.processes WHERE query LIKE '%randomPrintable%'"
        " AND query NOT LIKE '%processes%' AND read_rows > 500"
    ):
        pass
    server.kill()
    reading.join()
    server.start()
    assert [type(error) for error in errors] == [StoreUnavailable]


def test_an_account_that_may_only_read_reads(reading: Store) -> None:
    assert Migrator(reading).pending() == []
    assert reading.value("SELECT count() FROM v_events") == 0
    assert reading.frame("SELECT 1 AS one").to_dict("records") == [{"one": 1}]
    with pytest.raises(StoreRefused):
        reading.insert("batches", ["batch", "rows"], [[1, 1]])
    with pytest.raises(StoreRefused):
        reading.command("DROP TABLE batches")


def test_two_processes_that_migrate_at_once_both_come_through(server: GenuineServer) -> None:
    stores = [Store.open(server.dsn(), database="raced") for _ in range(2)]
    errors: list[BaseException] = []
    meeting = threading.Barrier(2)

    def migrate(store: Store) -> None:
        meeting.wait()
        try:
            store.migrate()
        except StoreRefused as error:
            errors.append(error)

    threads = [threading.Thread(target=migrate, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Migrator(stores[0]).pending() == []
    stores[0].drop()
    for store in stores:
        store.close()
