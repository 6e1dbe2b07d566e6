"""The store battery: what every warehouse must do, the embedded engine and a genuine server."""

import gc
import threading
import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver import exceptions as driver_errors

from core.errors import ConfigInvalid, StoreRefused, StoreUnavailable
from core.settings import EngineSettings
from core.store import Store, driver

pytestmark = pytest.mark.opens_store("the battery opens databases without a schema")

HOSTILE = [
    "a'b",
    "\\",
    "\\'",
    "\\N",
    "NULL",
    "tab\tline\nreturn\r",
    "nul\0byte",
    "'); DROP TABLE kept; --",
    "{text:String}",
    "%s %(text)s {{part}}",
    "",
    " ",
    "ü 😀 \u202e",
]
INSTANT = datetime(2026, 9, 30, 21, 59, 59, 999_999, tzinfo=UTC)


@pytest.fixture
def kept(bare_store: Store) -> Store:
    """A store with a table `kept` of every type that revtrace keeps."""
    bare_store.command(
        "CREATE TABLE kept (number UInt64, text String, word LowCardinality(String),"
        " amount Nullable(Decimal(18, 4)), at DateTime64(6, 'UTC'),"
        " due Nullable(DateTime64(6, 'UTC')), day Date, keys Array(String),"
        " instants Array(Nullable(DateTime64(6, 'UTC'))), pairs Map(String, String),"
        " hash FixedString(4)) ENGINE = MergeTree ORDER BY number"
    )
    return bare_store


def _row(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "number": number,
        "text": "plain",
        "word": "one",
        "amount": Decimal("12345678901234.5678"),
        "at": INSTANT,
        "due": None,
        "day": date(2026, 9, 30),
        "keys": ["time_entry/1", ""],
        "instants": [INSTANT, None],
        "pairs": {"key": "value"},
        "hash": b"\x00\x01\xfe\xff",
    } | changes


def _insert(store: Store, *rows: dict[str, Any]) -> None:
    store.insert("kept", list(rows[0]), [list(row.values()) for row in rows])


def test_rows_come_back_with_their_types(kept: Store) -> None:
    _insert(kept, _row())
    (row,) = kept.rows("SELECT * FROM kept")
    assert row == _row()
    assert isinstance(row["amount"], Decimal)
    assert row["at"].utcoffset() == timedelta(0)


def test_an_instant_is_stored_in_utc_whatever_its_offset(kept: Store) -> None:
    at = INSTANT.astimezone(timezone(timedelta(hours=-7, minutes=-30)))
    _insert(kept, _row(at=at, due=at))
    (row,) = kept.rows("SELECT at, due, toString(at) AS text FROM kept")
    assert row == {"at": INSTANT, "due": INSTANT, "text": "2026-09-30 21:59:59.999999"}


def test_an_insert_goes_by_the_names_of_columns(kept: Store) -> None:
    kept.insert("kept", ["word", "number"], [["one", 1], ["two", 2]])
    assert kept.rows("SELECT number, word, text FROM kept ORDER BY number") == [
        {"number": 1, "word": "one", "text": ""},
        {"number": 2, "word": "two", "text": ""},
    ]
    with pytest.raises(StoreRefused):
        kept.insert("kept", ["no_such_column"], [[1]])


def test_an_insert_of_no_rows_does_nothing(kept: Store) -> None:
    kept.insert("kept", ["number"], [])
    assert kept.value("SELECT count() FROM kept") == 0


@pytest.mark.parametrize("text", HOSTILE)
def test_a_parameter_is_a_value_and_never_a_part_of_the_statement(kept: Store, text: str) -> None:
    _insert(kept, _row(text=text))
    assert kept.value("SELECT text FROM kept WHERE text = {text:String}", {"text": text}) == text
    assert kept.value("SELECT {texts:Array(String)}", {"texts": [text, "x"]}) == [text, "x"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("DateTime64(6, 'UTC')", INSTANT),
        ("Nullable(DateTime64(6, 'UTC'))", None),
        ("Array(DateTime64(6, 'UTC'))", [INSTANT, INSTANT + timedelta(microseconds=1)]),
        ("Date", date(2028, 2, 29)),
        ("Array(Date)", [date(1970, 1, 1)]),
        ("Decimal(18, 4)", Decimal("-0.0001")),
        ("UInt64", 2**64 - 1),
        ("Array(UInt64)", [0, 2**64 - 1]),
        ("Bool", True),
        ("Nullable(String)", None),
    ],
)
def test_a_parameter_keeps_its_value_to_the_last_digit(
    bare_store: Store, kind: str, value: object
) -> None:
    assert bare_store.value(f"SELECT {{value:{kind}}}", {"value": value}) == value


def test_an_instant_without_an_offset_is_refused(bare_store: Store) -> None:
    with pytest.raises(StoreRefused, match="without an offset"):
        bare_store.value("SELECT {at:DateTime64(6, 'UTC')}", {"at": datetime(2026, 9, 30)})


def test_value_is_the_first_of_the_first_row_or_none(bare_store: Store) -> None:
    assert bare_store.value("SELECT number, 7 FROM numbers(3)") == 0
    assert bare_store.value("SELECT number FROM numbers(0)") is None


def test_raw_bytes_go_in_as_ndjson(kept: Store) -> None:
    lines = b'{"number": 1, "text": "a \\u0041"}\n{"number": 2, "amount": "0.1000"}\n'
    kept.insert_raw("kept", lines, "JSONEachRow", columns=["number", "text", "amount"])
    assert kept.rows("SELECT number, text, amount FROM kept ORDER BY number") == [
        {"number": 1, "text": "a A", "amount": None},
        {"number": 2, "text": "", "amount": Decimal("0.1")},
    ]
    with pytest.raises(StoreRefused):
        kept.insert_raw("kept", b'{"number": "three"}\n', "JSONEachRow")


def test_a_frame_has_the_columns_of_its_query(bare_store: Store) -> None:
    frame = bare_store.frame("SELECT number, toString(number) AS text FROM numbers(2)")
    assert frame.to_dict("records") == [{"number": 0, "text": "0"}, {"number": 1, "text": "1"}]


def test_a_readonly_query_cannot_write_but_carries_its_limits(kept: Store) -> None:
    assert kept.rows("SELECT 1 AS one", settings={"max_rows_to_read": 10}, readonly=True)
    with pytest.raises(StoreRefused) as caught:
        kept.rows("INSERT INTO kept (number) VALUES (1)", readonly=True)
    assert caught.value.code == 164  # READONLY
    assert kept.value("SELECT count() FROM kept") == 0


def test_a_refused_statement_says_why_in_one_line_with_the_engines_code(bare_store: Store) -> None:
    with pytest.raises(StoreRefused, match="UNKNOWN_TABLE") as caught:
        bare_store.rows("SELECT * FROM no_such_table")
    assert caught.value.code == 60
    assert "\n" not in str(caught.value)


def test_a_query_that_needs_too_much_memory_may_be_tried_again(bare_store: Store) -> None:
    with pytest.raises(StoreUnavailable):
        bare_store.rows(
            "SELECT groupArray(number) FROM numbers(10000000)",
            settings={"max_memory_usage": 10_000_000},
        )
    assert bare_store.value("SELECT 1") == 1


def test_each_thread_has_a_client_of_its_own_and_they_run_at_once(bare_store: Store) -> None:
    """Each waits in the engine for the others, so they end only if they run at the same time."""
    threads = 3
    name = f"meeting_{uuid.uuid4().hex}"
    bare_store.command(f"CREATE TABLE {name} (number UInt8) ENGINE = Memory")
    met: list[bool] = []

    def meet(number: int) -> None:
        bare_store.insert(name, ["number"], [[number]])
        for _ in range(200):
            if bare_store.value(f"SELECT count() FROM {name}") == threads:
                met.append(True)
                return
            bare_store.value("SELECT sleep(0.02)")

    workers = [threading.Thread(target=meet, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert met == [True] * threads


def test_two_queries_of_two_threads_overlap_in_time(bare_store: Store) -> None:
    spans: list[tuple[datetime, datetime]] = []

    def doze() -> None:
        began = bare_store.value("SELECT now64(6, 'UTC')")
        bare_store.value("SELECT sleep(0.5)")
        spans.append((began, bare_store.value("SELECT now64(6, 'UTC')")))

    workers = [threading.Thread(target=doze) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    (begun, ended), (other_begun, other_ended) = spans
    assert max(begun, other_begun) < min(ended, other_ended)


def test_what_is_asked_together_runs_at_once_and_answers_in_order(bare_store: Store) -> None:
    meeting = threading.Barrier(3, timeout=60)

    def meet(number: int) -> int:
        meeting.wait()
        return int(bare_store.value(f"SELECT {number}"))

    calls = [partial(meet, number) for number in range(3)]
    assert bare_store.together(*calls) == [0, 1, 2]
    assert bare_store.together(*calls[:0]) == []


@pytest.mark.parametrize("first", [True, False])
def test_an_error_of_what_is_asked_together_is_raised_when_all_have_ended(
    bare_store: Store, first: bool
) -> None:
    ended: list[int] = []
    failing = partial(bare_store.value, "SELECT no_such_column")
    calls = [failing, lambda: ended.append(bare_store.value("SELECT 1"))]
    with pytest.raises(StoreRefused, match="no_such_column"):
        bare_store.together(*(calls if first else calls[::-1]))
    assert ended == [1]


def test_the_client_of_a_thread_that_has_ended_is_let_go(bare_store: Store) -> None:
    worker = threading.Thread(target=lambda: bare_store.value("SELECT 1"))
    worker.start()
    worker.join()
    gc.collect()
    assert len(bare_store._clients) == 1


def test_a_closed_store_refuses_whatever_is_asked_of_it(bare_store: Store) -> None:
    short = Store.open(bare_store.dsn, database=bare_store.database)
    short.close()
    short.close()
    with pytest.raises(StoreRefused, match="closed"):
        short.value("SELECT 1")
    with pytest.raises(StoreRefused, match="closed"):
        short.together(*[lambda: short.value("SELECT 1")] * 2)
    assert bare_store.value("SELECT 1") == 1


def test_memory_is_given_back_and_the_store_goes_on(bare_store: Store) -> None:
    bare_store.value("SELECT sum(number) FROM numbers(1000)")
    bare_store.release_memory()
    assert bare_store.value("SELECT 1") == 1


@pytest.mark.parametrize("port", [1, 9])
def test_a_server_that_is_away_is_named_without_its_password(port: int) -> None:
    engine = EngineSettings(connect_timeout_seconds=1)
    with pytest.raises(StoreUnavailable) as caught:
        Store.open(f"clickhouse://writer:hidden-word@127.0.0.1:{port}", engine=engine)
    assert "is away" in str(caught.value)
    assert "hidden-word" not in str(caught.value)


def test_a_second_embedded_folder_in_one_process_is_refused(
    engine_dsn: str, tmp_path: Path
) -> None:
    with pytest.raises(StoreRefused):
        Store.open(f"chdb://{tmp_path / 'other'}")


@pytest.mark.parametrize(
    "dsn",
    [
        "nonsense://writer:hidden-word@host",
        "https://writer:hidden-word@host:8443",
        "clickhouse://writer:hidden-word@host:port",
        "clickhouse://writer:hidden-word/x@host",
        "clickhouse://writer:x#hidden-word@host",
        "clickhouse://writer:hidden-word?x@host",
        "clickhouse://",
        "a few words",
        "",
    ],
)
def test_what_is_no_dsn_is_refused_before_anything_is_sent(dsn: str) -> None:
    with pytest.raises(ConfigInvalid, match="is no DSN") as caught:
        Store.open(dsn)
    assert "hidden-word" not in str(caught.value)
    assert "REVTRACE_WAREHOUSE" in str(caught.value)


def _driver_errors() -> list[type[Exception]]:
    return [
        kind
        for kind in vars(driver_errors).values()
        if isinstance(kind, type) and issubclass(kind, driver_errors.Error)
    ]


@pytest.mark.parametrize("kind", _driver_errors(), ids=lambda kind: kind.__name__)
def test_whatever_the_driver_raises_becomes_an_error_of_ours(kind: type[Exception]) -> None:
    with pytest.raises((StoreRefused, StoreUnavailable)), driver.translated("here"):
        raise kind.__new__(kind, "no words of the engine")


@pytest.mark.parametrize(
    "error",
    [ConnectionResetError(104, "reset"), TimeoutError("slow"), OSError(28, "No space left")],
    ids=lambda error: type(error).__name__,
)
def test_trouble_of_the_machine_may_be_tried_again(error: OSError) -> None:
    with pytest.raises(StoreUnavailable), driver.translated("here"):
        raise error
