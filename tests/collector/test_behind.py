"""What is answered before it is written: counted right, visible in the end, made again when writing
fails.
"""

import threading
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector import seen
from collector.admission import SQL
from collector.behind import Behind
from collector.delivery import OTLP_LOGS, Delivery, Receipt
from collector.writer import Journal, Writer
from core.clock import FixedClock, SystemClock
from core.errors import Retryable, StoreUnavailable
from core.settings import CollectorSettings
from core.store import Store
from tests.collector.arrange import body, event, stored
from tests.collector.test_otlp import HERE, logs
from tests.conftest import NewStore

# Groups of one or two records are judged by the model, larger ones by the engine.
SETTINGS = CollectorSettings(engine_bytes_min=400, behind_bytes_max=20_000, behind_wait_seconds=60)


@pytest.fixture
def store(any_store: Store) -> Store:
    """Faults are survived on the embedded engine and on the genuine server."""
    return any_store


def early(
    store: Store, counted: list[Receipt] | None = None, journal: Journal | None = None
) -> Writer:
    """An opened writer that answers early, as it does behind the queue."""
    writer = Writer(store, SystemClock(), SETTINGS, journal)
    writer.open()
    told = [] if counted is None else counted
    writer.answer_early(lambda receipts, _: told.extend(receipts))
    return writer


def small(*ids: str) -> Delivery:
    return Delivery(body(*(event(event_id=one) for one in ids)))


def large(*ids: str) -> Delivery:
    return Delivery(body(*(event(event_id=one) for one in ids), *[""] * 400))


def telemetry(*ids: str) -> Delivery:
    records = [HERE | {"revtrace.event_id": one, "http.text": "x" * 400} for one in ids]
    resource = {"service.name": "netsuite-us"}
    return Delivery(
        logs(*records, resource=resource).SerializeToString(), OTLP_LOGS, mapping="otlp"
    )


def test_what_is_answered_is_durable_at_once_and_visible_when_it_is_settled(store: Store) -> None:
    writer = early(store)
    answer = writer.commit([small("a", "b")])[0]
    assert isinstance(answer, Receipt)
    assert (answer.stored, answer.counted) == (2, True)
    assert store.value("SELECT count() FROM deliveries") == 1
    assert stored(store) == []
    assert writer.settle()
    assert stored(store) == []
    writer.drain()
    assert len(stored(store)) == 2
    assert writer.check_identity() == []


def test_what_has_waited_long_enough_is_written_when_it_is_settled(store: Store) -> None:
    writer = Writer(store, SystemClock(), CollectorSettings(behind_wait_seconds=0))
    writer.open()
    writer.accept([small("a", "b")])
    while writer.settle():
        pass
    assert len(stored(store)) == 2


def test_small_groups_share_one_batch(store: Store) -> None:
    writer = early(store)
    for number in range(5):
        writer.commit([small(f"e{number}")])
    writer.drain()
    assert store.rows("SELECT batch, rows FROM batches") == [{"batch": 1, "rows": 5}]
    assert writer.check_identity() == []


def test_telemetry_is_counted_after_its_answer(store: Store) -> None:
    counted: list[Receipt] = []
    writer = early(store, counted)
    answer = writer.commit([telemetry("a", "b"), telemetry("b", "c")])
    assert [isinstance(one, Receipt) and one.counted for one in answer] == [False, False]
    writer.drain()
    assert [(one.received, one.stored, one.duplicates) for one in counted] == [(2, 2, 0), (2, 1, 1)]
    assert writer.check_identity() == []


def test_a_large_group_waits_for_telemetry_that_is_judged_behind(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Receipt] = []
    writer = early(store, counted)
    writer.accept([telemetry("a", "b")])
    landed, went_on, cleared = threading.Event(), threading.Event(), threading.Event()
    real_command, real_raw = store.command, store.insert_raw

    def insert_raw(table: str, *args: Any, **more: Any) -> None:
        real_raw(table, *args, **more)
        landed.set()
        # What the other group did before it waited would be seen by now.
        went_on.wait(10)

    def command(sql: str, *args: Any, **more: Any) -> None:
        if landed.is_set() and not went_on.is_set() and "TRUNCATE" in sql:
            cleared.set()
        real_command(sql, *args, **more)

    monkeypatch.setattr(store, "insert_raw", insert_raw)
    monkeypatch.setattr(store, "command", command)
    writer._intake.hand_over()
    assert landed.wait(10)
    real_wait = writer._intake._judging.wait

    def wait() -> None:
        went_on.set()
        real_wait()

    monkeypatch.setattr(writer._intake._judging, "wait", wait)
    answer = writer.accept([large("c", "d")])[0]
    assert not cleared.is_set()
    assert isinstance(answer, Receipt)
    assert (answer.received, answer.stored) == (2, 2)
    writer.drain()
    assert [(one.received, one.stored) for one in counted] == [(2, 2)]
    assert {row[1] for row in stored(store)} == {"a", "b", "c", "d"}
    assert store.value("SELECT count() FROM deliveries") == 2
    assert writer.check_identity() == []


@pytest.mark.parametrize("fails", [False, True])
def test_telemetry_is_judged_while_the_telemetry_before_it_is_written_and_compared_afterwards(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    counted: list[Receipt] = []
    writer = early(store, counted, Journal(tmp_path))
    judged, compared = threading.Event(), threading.Event()
    seen: list[bool] = []
    admission = writer._intake._admission
    real_judge, real_compare, real_store = (
        admission.judge,
        admission.compare,
        admission.store_staged,
    )

    def judge(kept: Any, bench: Any) -> None:
        real_judge(kept, bench)
        if kept[0].batch == 2:
            judged.set()

    def compare(kept: Any, *args: Any) -> Any:
        compared.set() if kept[0].batch == 2 else None
        return real_compare(kept, *args)

    def store_staged(bench: Any, batch: int, *args: Any, **more: Any) -> None:
        if batch == 1 and not seen:
            seen.extend([judged.wait(10), compared.is_set()])
            if fails:
                raise StoreUnavailable("the warehouse is away")
        real_store(bench, batch, *args, **more)

    monkeypatch.setattr(admission, "judge", judge)
    monkeypatch.setattr(admission, "compare", compare)
    monkeypatch.setattr(admission, "store_staged", store_staged)
    writer.accept([telemetry("a", "b")])
    writer._intake.hand_over()
    writer.accept([telemetry("b", "c")])
    writer._intake.hand_over()
    if fails:
        with pytest.raises(Retryable):
            writer.drain()
    writer.drain()
    assert seen == [True, False]
    assert {row[1] for row in stored(store)} == {"a", "b", "c"}
    closings = store.rows(
        "SELECT received, stored, duplicates FROM delivery_closings ORDER BY delivery"
    )
    assert [tuple(row.values()) for row in closings] == [(2, 2, 0), (2, 1, 1)]
    assert writer.check_identity() == []
    # What failed was answered before: it is made again, and counted where it is closed.
    assert len(counted) == (0 if fails else 2)


FORMS = {"small": small, "large": large, "telemetry": telemetry}


@given(seed=st.integers(0, 2**32))
@settings(
    max_examples=max(settings.default.max_examples // 4, 5) if settings.default else 6,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_order_of_groups_is_counted_as_if_each_was_written_at_once(
    new_store: NewStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    random = Random(seed)
    store = new_store()
    counted: list[Receipt] = []
    # A day is taken into the filter at once, so that what it says is asked for here.
    monkeypatch.setattr(seen, "ASKED_MIN", 1)
    journal = Journal(tmp_path) if random.random() < 0.7 else None
    writer = early(store, counted, journal)
    known: set[tuple[str, str]] = set()
    expected: dict[str, tuple[int, int]] = {}
    receipts: list[Receipt] = []
    for _ in range(random.randint(3, 9)):
        form = random.choice(list(FORMS))
        groups = [
            [str(random.randint(0, 6)) for _ in range(2)] for _ in range(random.randint(1, 2))
        ]
        answers = writer.commit([FORMS[form](*ids) for ids in groups])
        for answer, ids in zip(answers, groups, strict=True):
            assert isinstance(answer, Receipt)
            # Telemetry says other things of its events, so the same id is another content there.
            content = "telemetry" if form == "telemetry" else "line"
            new = {(content, one) for one in ids} - known
            known |= new
            expected[answer.delivery] = (len(ids), len(new))
            if answer.counted:
                receipts.append(answer)
        if random.random() < 0.3:
            random.choice([writer.settle, writer.drain])()
        elif writer._intake._unwritten and random.random() < 0.3:
            writer._intake.hand_over()
        elif random.random() < 0.2:
            # It could not write what is behind, or was killed there: the next one goes on.
            writer._intake._judging.wait()
            writer._intake._behind.wait()
            if not writer._intake._unwritten or not writer._intake._unwritten.late:
                writer._intake.clean = False
    writer.drain()
    told = {one.delivery: (one.received, one.stored) for one in [*receipts, *counted]}
    assert told == expected
    assert len(stored(store)) == len(known)
    assert writer.check_identity() == []
    store.drop()


@pytest.mark.parametrize("form", list(FORMS))
def test_what_could_not_be_written_is_made_again_before_the_next_commit(
    any_store: Store, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = early(any_store)
    real = any_store.command

    def away(sql: str, *args: Any, **more: Any) -> None:
        if "INSERT INTO delivery_closings" in sql or "INSERT INTO events" in sql:
            raise StoreUnavailable("the warehouse is away")
        real(sql, *args, **more)

    monkeypatch.setattr(any_store, "command", away)
    answer = writer.commit([FORMS[form]("a", "b")])[0]
    assert isinstance(answer, Receipt)
    with pytest.raises(Retryable):
        writer.drain()
    assert stored(any_store) == []
    monkeypatch.setattr(any_store, "command", real)
    again = writer.commit([FORMS[form]("b", "c")])
    writer.drain()
    assert isinstance(again[0], Receipt)
    assert {row[1] for row in stored(any_store)} == {"a", "b", "c"}
    assert len(stored(any_store)) == 3
    assert writer.check_identity() == []


def test_a_drain_makes_again_what_failed_when_nobody_looked(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = early(store)
    with monkeypatch.context() as patched:
        patched.setattr(writer._derived._admission, "store_staged", _away)
        writer.commit([small("a", "b")])
        writer._intake.hand_over()
        writer._intake._behind.forget()
    assert stored(store) == []
    writer.drain()
    assert len(stored(store)) == 2
    assert writer.check_identity() == []


def _away(*_: Any, **__: Any) -> None:
    raise StoreUnavailable("the warehouse is away")


def test_what_is_in_the_table_but_not_closed_is_not_said_to_be_counted(store: Store) -> None:
    writer = early(store)
    one = replace(writer.stamp(small("a", "b")), spooled=True)
    first = writer.commit([one])[0]
    before = writer.commit([one])[0]
    writer.drain()
    after = writer.commit([one])[0]
    assert isinstance(first, Receipt)
    assert isinstance(before, Receipt)
    assert isinstance(after, Receipt)
    assert (before.counted, after.counted) == (False, True)
    assert after.stored == first.stored == 2
    assert store.value("SELECT count() FROM deliveries") == 1


@pytest.mark.parametrize("form", list(FORMS))
def test_what_a_dead_process_answered_is_made_visible_by_the_next(store: Store, form: str) -> None:
    dead = Writer(store, SystemClock(), SETTINGS)
    dead.open()
    dead.answer_early(lambda *_: None)
    wait = threading.Event()
    # It dies before anything behind the answer has begun.
    dead._intake._behind.put(lambda: wait.wait(10) and None)
    if form == "small":
        dead.commit([small("a", "b")])
    else:
        wait.set()
        dead.commit([FORMS[form]("a", "b")])
        dead._intake._judging.forget()
        dead._intake._behind.forget()
    wait.set()
    again = early(store)
    assert len(stored(store)) == 2
    assert again.check_identity() == []


def test_jobs_run_one_after_the_other_and_a_failure_is_told_once() -> None:
    behind = Behind(idle_seconds=0.01)
    done: list[int] = []
    for number in range(3):
        behind.put(lambda number=number: done.append(number))  # type: ignore[misc]
    behind.wait()
    assert done == [0, 1, 2]

    def fail() -> None:
        raise StoreUnavailable("away")

    behind.put(fail)
    with pytest.raises(StoreUnavailable):
        behind.wait()
    behind.wait()
    assert behind.idle()


def test_a_clock_that_stands_still_gives_each_batch_a_later_instant(
    store: Store, clock: FixedClock
) -> None:
    writer = Writer(store, clock, SETTINGS)
    writer.open()
    for number in range(3):
        writer.accept([small(f"e{number}")])
        writer.drain()
    times = [row["admitted_at"] for row in store.rows("SELECT admitted_at FROM batches")]
    assert len(set(times)) == 3


def test_known_events_are_found_by_key_whatever_the_history(store: Store) -> None:
    writer = early(store)
    writer.commit([small("a", "b")])
    writer.drain()
    asked = {"sources": ["61"], "ids": ["62"], "contents": ["00"], "instants": [0]}
    told = store.rows(f"EXPLAIN indexes = 1 {SQL['find_known']}", asked)
    assert any("(day, identity) in" in str(row["explain"]) for row in told)
