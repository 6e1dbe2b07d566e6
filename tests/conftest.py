"""What every test may ask for: a store on a real engine, a genuine server, a fixed clock."""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from core.clock import FixedClock
from core.store import Store
from tests.server.genuine import GenuineServer, ServerMissing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NewStore = Callable[[], Store]

# A fixture is made once for all examples of a property; such tests ask for `new_store` instead.
settings.register_profile("ci", max_examples=25, derandomize=True, deadline=None, print_blob=True)
settings.register_profile("dev", max_examples=25, deadline=None)
settings.register_profile(
    "soak", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))

STORE_FIXTURES = {"store", "new_store", "any_store", "new_any_store", "server", "server_store"}
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _no_store_behind_the_back(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test that opens a warehouse without a store fixture could open somebody's own: it fails."""
    if STORE_FIXTURES & set(request.fixturenames) or request.node.get_closest_marker("opens_store"):
        return

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("this test opens a store: ask for a store fixture, or mark it opens_store")

    monkeypatch.setattr(Store, "open", refuse)


@pytest.fixture
def clock() -> FixedClock:
    """A clock in the close of September 2026, moved by hand."""
    return FixedClock(datetime(2026, 9, 30, 12, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def engine_dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The one embedded engine of this test run; the anchor client keeps it open between tests."""
    dsn = f"chdb://{tmp_path_factory.mktemp('warehouse')}"
    anchor = Store.open(dsn, database="anchor")
    yield dsn
    anchor.close()


@pytest.fixture(scope="session")
def server_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GenuineServer]:
    """The one genuine ClickHouse server of this test run; tests ask for `server` instead."""
    started = GenuineServer(tmp_path_factory.mktemp("server"))
    try:
        started.start()
    except ServerMissing as missing:
        pytest.fail(str(missing), pytrace=False)
    yield started
    started.kill()


@pytest.fixture
def server(server_process: GenuineServer) -> GenuineServer:
    """The genuine ClickHouse server, answering; a test may kill it and start it again."""
    if not server_process.answers():
        server_process.kill()
        server_process.start()
    return server_process


@pytest.fixture
def new_store(engine_dsn: str) -> Iterator[NewStore]:
    """Makes fresh, migrated embedded stores, dropped after the test."""
    yield from _stores(engine_dsn)


@pytest.fixture
def store(new_store: NewStore) -> Store:
    """A fresh, migrated embedded store."""
    return new_store()


@pytest.fixture
def server_store(server: GenuineServer) -> Iterator[Store]:
    """A fresh, migrated store on the genuine server."""
    for make in _stores(server.dsn()):
        yield make()


@pytest.fixture(params=["chdb", "server"])
def new_any_store(request: pytest.FixtureRequest) -> Iterator[NewStore]:
    """`new_store` on the embedded engine, then on the genuine server."""
    if request.param == "server":
        yield from _stores(request.getfixturevalue("server").dsn())
    else:
        yield from _stores(request.getfixturevalue("engine_dsn"))


@pytest.fixture
def any_store(new_any_store: NewStore) -> Store:
    """A fresh, migrated store: the test runs on the embedded engine and on the genuine server."""
    return new_any_store()


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """The system's own Chromium. One a module: playwright's loop must not outlive its tests."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        pytest.fail("no Chromium here: run `make test`, or install chromium", pytrace=False)
    with sync_playwright() as driver:
        # Chromium's sandbox refuses to run as root, and these pages are our own.
        launched = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def page(browser: "Browser") -> "Iterator[Page]":
    """A fresh page of a desktop's size; an error that its scripts throw fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets: SHARED_DATA, else beside the repository."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("SHARED_DATA") or beside)


# To migrate a database costs a hundred times what it costs to empty one, so those that a test left
# as it found them but for their rows are used again, by warehouse; the shape that they all have.
_emptied: dict[str, list[str]] = {}
_shapes: dict[str, int] = {}
EMPTIED_MAX = 8


def _stores(dsn: str) -> Iterator[NewStore]:
    opened: list[Store] = []

    def make() -> Store:
        if emptied := _emptied.get(dsn):
            fresh = Store.open(dsn, database=emptied.pop())
        else:
            fresh = Store.open(dsn, database=f"t_{next(_numbers)}")
            fresh.migrate()
            _shapes.setdefault(dsn, _shape(fresh))
        opened.append(fresh)
        return fresh

    yield make
    for each in opened:
        if not _empty(each):
            each.drop()
        each.close()


def _empty(store: Store) -> bool:
    """Make a migrated database as it was, for the next test; False: it cannot be."""
    emptied = _emptied.setdefault(store.dsn, [])
    try:
        if len(emptied) >= EMPTIED_MAX or _shape(store) != _shapes[store.dsn]:
            return False
        store.command(f"TRUNCATE ALL TABLES FROM {store.database} NOT LIKE 'schema_ledger'")
        if _shape(store) != _shapes[store.dsn]:
            return False
    except Exception:
        # A test may have taken the server away, or broken this very store.
        return False
    emptied.append(store.database)
    return True


def _shape(store: Store) -> int:
    """What tables and views there are and how they were made, the ledger among them."""
    return int(
        store.value(
            "SELECT bitXor(groupBitXor(sipHash64(name, replaceAll(create_table_query, concat("
            "database, '.'), ''))), (SELECT count() FROM schema_ledger))"
            " FROM system.tables WHERE database = {database:String}",
            {"database": store.database},
        )
    )
