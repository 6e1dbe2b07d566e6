"""A commit keeps the bytes, stores each event once, quarantines what breaks a rule, and always
balances.
"""

from datetime import timedelta

import pytest

from collector.admission import Admission
from collector.delivery import Delivery, DeliveryIds
from core.clock import FixedClock
from core.errors import BadInput, Retryable, StoreRefused, StoreUnavailable
from core.store import Store
from tests.collector.arrange import (
    BY_ENGINE,
    BY_MODEL,
    body,
    commit,
    counts,
    event,
    make_writer,
    receipt,
    stored,
)

BOTH = pytest.mark.parametrize("judge", [BY_MODEL, BY_ENGINE], ids=["model", "engine"])


@BOTH
def test_good_neighbours_of_bad_records_are_stored(
    any_store: Store, clock: FixedClock, judge: int
) -> None:
    writer = make_writer(any_store, clock, judge)
    answer = receipt(writer, body(event(), event(action="Posted"), "{broken", event(event_id="e2")))
    assert counts(answer) == (4, 2, 0, 2, 0)
    assert [fault["reason"] for fault in answer.faults] == ["pattern", "not_json"]
    assert stored(any_store) == [("netsuite-us", "e1"), ("netsuite-us", "e2")]
    assert writer.check_identity() == []


@BOTH
def test_quarantine_keeps_bytes_line_and_what_can_be_weighed(
    any_store: Store, clock: FixedClock, judge: int
) -> None:
    bad = event(
        action="X", money={"amount": "12.50", "currency": "EUR"}, context={"period": "2026-09"}
    )
    receipt(make_writer(any_store, clock, judge), body(event(), "", bad))
    row = any_store.rows("SELECT * FROM v_quarantine")[0]
    assert (row["line"], row["reason"], row["field"]) == (3, "pattern", "action")
    assert (str(row["amount"]), row["currency"], row["period"]) == ("12.5000", "EUR", "2026-09")
    assert row["raw"] == body(bad).decode()
    assert (row["object_type"], row["object_id"], row["source"]) == (
        "invoice",
        "INV-1",
        "netsuite-us",
    )


@BOTH
def test_duplicates_are_found_in_a_batch_between_deliveries_and_later(
    any_store: Store, clock: FixedClock, judge: int
) -> None:
    writer = make_writer(any_store, clock, judge)
    twice = body(event(), event(), event(event_id="e2"))
    first, second = commit(writer, twice, twice)
    assert (counts(first), counts(second)) == ((3, 2, 1, 0, 0), (3, 0, 3, 0, 0))
    assert counts(receipt(writer, twice)) == (3, 0, 3, 0, 0)
    assert len(stored(any_store)) == 2


@BOTH
def test_same_identity_with_other_content_is_kept_beside_it(
    any_store: Store, clock: FixedClock, judge: int
) -> None:
    writer = make_writer(any_store, clock, judge)
    assert counts(receipt(writer, body(event(), event(action="reversed")))) == (2, 2, 0, 0, 0)
    assert counts(receipt(writer, body(event(occurred_at="2026-09-29T10:00:00Z")))) == (
        1,
        1,
        0,
        0,
        0,
    )


@BOTH
def test_an_event_without_id_is_the_same_when_it_comes_again(
    any_store: Store, clock: FixedClock, judge: int
) -> None:
    writer = make_writer(any_store, clock, judge)
    bare = {name: value for name, value in event().items() if name != "event_id"}
    other_order = dict(reversed(list(bare.items()))) | {"outcome": "ok", "attempt": 1, "links": []}
    assert counts(receipt(writer, body(bare))) == (1, 1, 0, 0, 0)
    assert counts(receipt(writer, body(other_order))) == (1, 0, 1, 0, 0)


def test_what_is_derived_from_events_is_there_with_them(store: Store, clock: FixedClock) -> None:
    writer = make_writer(store, clock)
    receipt(writer, body(event(correlation_id="c1", trace_id="a" * 32, span_id="b" * 16)))
    row = store.rows("SELECT batch, object_hash, admitted_at FROM events")[0]
    assert row["object_hash"] == store.value("SELECT sipHash64('invoice', 'INV-1')")
    arrival = store.rows("SELECT batch, object_hash, admitted_at FROM event_arrivals")[0]
    assert arrival == row
    assert store.value("SELECT object_id FROM correlations WHERE correlation_id = 'c1'") == "INV-1"
    assert store.value("SELECT object_id FROM event_spans WHERE linked = 0") == "INV-1"
    assert store.rows("SELECT batch, rows FROM batches") == [{"batch": row["batch"], "rows": 1}]


def test_unknown_sources_are_registered_and_declared_ones_win(
    store: Store, clock: FixedClock
) -> None:
    from collector.source import Source

    writer = make_writer(store, clock)
    receipt(writer, body(event(source="somebody")))
    assert store.rows("SELECT name, role FROM v_sources") == [
        {"name": "somebody", "role": "unknown"}
    ]
    assert store.value("SELECT role FROM v_events") == "unknown"
    writer.sources.declare([Source("somebody", "erp")])
    assert store.value("SELECT role FROM v_events") == "erp"


def test_a_record_without_source_takes_that_of_its_delivery(
    store: Store, clock: FixedClock
) -> None:
    bare = {name: value for name, value in event().items() if name != "source"}
    writer = make_writer(store, clock)
    assert counts(receipt(writer, body(bare), source="from-url")) == (1, 1, 0, 0, 0)
    assert counts(receipt(writer, body(bare, event()))) == (2, 1, 0, 1, 0)
    assert stored(store, "source") == [("from-url",), ("netsuite-us",)]


def test_a_body_of_which_no_record_can_be_told_apart_is_refused_and_not_kept(
    store: Store, clock: FixedClock
) -> None:
    writer = make_writer(store, clock)
    answers = commit(writer, b"{broken", body(event()), b"", b"\xff\xfe", b"3\n[]")
    refused = [isinstance(answer, BadInput) for answer in answers]
    assert refused == [True, False, True, True, True]
    assert store.value("SELECT count() FROM deliveries") == 1
    assert "line 1" in str(answers[0])


def test_admission_time_grows_while_the_clock_jumps_back(store: Store, clock: FixedClock) -> None:
    writer = make_writer(store, clock)
    deliveries = []
    for number in range(3):
        deliveries.append(receipt(writer, body(event(event_id=f"e{number}"))).delivery)
        clock.move(timedelta(hours=-1))
    times = [
        row["admitted_at"] for row in store.rows("SELECT admitted_at FROM batches ORDER BY batch")
    ]
    assert times == sorted(set(times))
    assert deliveries == sorted(set(deliveries))
    again = make_writer(store, clock)
    assert receipt(again, body(event(event_id="e9"))).delivery > deliveries[-1]
    assert store.value("SELECT argMax(admitted_at, batch) = max(admitted_at) FROM batches") == 1


def test_totals_are_the_control_sums_by_currency(store: Store, clock: FixedClock) -> None:
    amounts = [("1.1", "USD"), ("2.2", "USD"), ("-3.0001", "EUR")]
    records = [
        event(event_id=f"e{place}", money={"amount": amount, "currency": currency})
        for place, (amount, currency) in enumerate(amounts)
    ]
    totals = receipt(make_writer(store, clock), body(*records)).totals
    assert {name: str(total) for name, total in totals.items()} == {
        "USD": "3.3000",
        "EUR": "-3.0001",
    }


def test_a_store_that_is_away_is_retryable_and_nothing_is_doubled_when_it_is_back(
    store: Store, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = make_writer(store, clock)
    real = store.command

    def away(sql: str, *args: object, **more: object) -> None:
        if "INSERT INTO events" in sql:
            raise StoreUnavailable("the warehouse is away")
        real(sql, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "command", away)
    with pytest.raises(Retryable):
        commit(writer, body(event()))
    monkeypatch.setattr(store, "command", real)
    assert counts(receipt(writer, body(event()))) == (1, 0, 1, 0, 0)
    assert stored(store) == [("netsuite-us", "e1")]
    assert writer.check_identity() == []


@BOTH
def test_a_refusal_that_is_no_fault_of_the_body_is_retryable(
    store: Store, clock: FixedClock, judge: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise StoreRefused("a statement is refused", "UNKNOWN_TABLE", code=60)

    writer = make_writer(store, clock, judge)
    with monkeypatch.context() as patched:
        patched.setattr(Admission, "judge" if judge == BY_ENGINE else "keep", refused)
        with pytest.raises(StoreUnavailable, match="UNKNOWN_TABLE"):
            commit(writer, body(event()))
    assert counts(receipt(writer, body(event()))) == (1, 1, 0, 0, 0)


def test_ids_of_deliveries_only_grow() -> None:
    clock = FixedClock(__import__("datetime").datetime.fromisoformat("2026-09-30T12:00:00+00:00"))
    ids = DeliveryIds()
    made = [ids.next(clock.now()) for _ in range(3)]
    clock.move(timedelta(days=-1))
    made.append(ids.next(clock.now()))
    assert made == sorted(set(made))
    assert DeliveryIds(made[-1]).next(clock.now()) > made[-1]


def test_an_empty_group_is_nothing(store: Store, clock: FixedClock) -> None:
    assert make_writer(store, clock).commit([]) == []
    assert Delivery(b"ab", payload=b"c").size == 3


def test_the_commit_point_is_synced_to_the_disk(store: Store) -> None:
    made = str(store.value("SHOW CREATE TABLE deliveries"))
    for setting in ("fsync_after_insert = 1", "fsync_part_directory = 1"):
        assert setting in made
