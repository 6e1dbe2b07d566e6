"""The model itself: links, choices, calendars, on cases small enough to be judged by hand."""

from datetime import UTC, datetime
from decimal import Decimal

from lineage.process import Process, Stage
from tests.model.log import CALENDARS, HOUR, INV, SOURCES, B, Log, T, at
from tests.model.paths import Member, evaluate


def test_aliases_are_one_object_named_by_the_smallest_id_in_bytes() -> None:
    log = (
        Log()
        .add("time_entry/é", "approved", 0)
        .add("time_entry/z", "seen", 1, "same_as time_entry/é")
    )
    log.add(B, "created", 2, "from time_entry/é").add(INV, "posted", 3, f"from {B}")
    path = log.path(root="time_entry/z")
    assert path.names == ["time_entry/z", "time_entry/é"]
    assert path.objects == {
        "time_entry/z": Member("asserted", "", 0),
        B: Member("alias", "time_entry/z", 1),
        INV: Member("alias", B, 2),
    }


def test_same_as_across_types_joins_nothing() -> None:
    log = Log().add(T, "approved", 0, "same_as invoice/T1")
    assert set(log.path().objects) == {T}


def test_correlation_links_to_the_nearest_earlier_type_that_carries_the_id() -> None:
    log = Log().add(T, "approved", 0, correlation_id="c").add("time_entry/T2", "approved", 0)
    log.add(INV, "posted", 3, correlation_id="c")
    assert log.path().objects[INV] == Member("correlated", T, 1)
    log.add(B, "created", 1, correlation_id="c")
    assert log.path().objects[INV] == Member("correlated", B, 2)
    assert set(log.path(root="time_entry/T2").objects) == {"time_entry/T2"}


def test_an_asserted_link_blocks_correlation_only_from_an_earlier_type() -> None:
    log = Log().add(T, "approved", 0, correlation_id="c")
    log.add(B, "created", 1, "from invoice/I9", "amends time_entry/T8", correlation_id="c")
    assert B in log.path().objects
    log.add(B, "seen", 2, "from time_entry/T2", outcome="failed")
    assert B not in log.path().objects


def test_a_correlation_id_of_too_many_objects_links_nothing() -> None:
    log = Log().add(T, "approved", 0, correlation_id="c").add(B, "created", 1, correlation_id="c")
    log.add("resource/R1", "seen", 1, correlation_id="c")
    assert B in log.paths(correlation_objects_max=2)[T].objects
    assert B not in log.paths(correlation_objects_max=1)[T].objects
    assert B not in log.paths(correlation_pairs_max=0)[T].objects
    log.add("billing_event/B2", "created", 1, "from time_entry/T2", correlation_id="c")
    assert B not in log.paths(correlation_pairs_max=1)[T].objects


def test_the_empty_correlation_id_links_nothing() -> None:
    log = Log().add(T, "approved", 0, correlation_id="").add(B, "created", 1, correlation_id="")
    assert set(log.path().objects) == {T}


def test_the_strongest_way_wins_then_the_shortest_then_the_smallest() -> None:
    log = Log().add(T, "approved", 0, correlation_id="c")
    log.add(INV, "posted", 3, "amends time_entry/T1", correlation_id="c")
    assert log.path().objects[INV] == Member("asserted", T, 1)
    log.add("sheet/S2", "made", 1, f"from {T}").add("sheet/S1", "made", 1, f"from {T}")
    log.add("sheet/S9", "made", 1, "from sheet/S2", "from sheet/S1")
    assert log.path().objects["sheet/S9"] == Member("asserted", "sheet/S1", 2)


def test_depth_belongs_to_the_way_of_the_grade() -> None:
    """B is strong by a long way and weak by a short one; what follows weakly is near."""
    log = Log().add(T, "approved", 0, correlation_id="c").add(B, "created", 1, correlation_id="c")
    log.add("sheet/S1", "made", 1, f"from {T}").add(B, "seen", 1, "from sheet/S1")
    log.add(B, "seen", 2, correlation_id="d").add(INV, "posted", 3, correlation_id="d")
    path = log.path()
    assert path.objects[B] == Member("asserted", "sheet/S1", 2)
    assert path.objects[INV] == Member("correlated", B, 2)


def test_a_cycle_ends() -> None:
    log = Log().chain().add(T, "seen", 4, f"from {INV}").add(B, "seen", 4, f"from {B}")
    path = log.path()
    assert path.objects[T] == Member("asserted", "", 0)
    assert (INV, T, "from", "asserted") in path.links
    assert path.state == "complete"


def test_part_of_is_not_walked() -> None:
    assert set(Log().add(T, "approved", 0).add(B, "created", 1, f"part_of {T}").path().objects) == {
        T
    }


def test_the_engagement_of_the_latest_event_chooses_the_process() -> None:
    fixed = Process("fixed", "time_entry", "fixed_fee", (Stage("in", "time_entry", ("approved",)),))
    log = (
        Log()
        .add(T, "approved", 1, engagement="fixed_fee")
        .add(T, "approved", 0, engagement="other")
    )
    assert log.path(9, fixed).process == "fixed"
    log.add(T, "seen", 2, engagement="other", outcome="failed")
    assert log.path(9, fixed).process == "time"
    only = evaluate(log.events, SOURCES, {"fixed": fixed}, CALENDARS, at(9))
    assert (dict(only), only.no_process) == ({}, {T})


def test_money_and_context_come_from_the_latest_event_that_has_them() -> None:
    log = Log().add(
        T, "approved", 0, amount=Decimal(5), currency="EUR", contract="K1", project="P1"
    )
    log.add(T, "seen", 1, amount=Decimal(6), currency="USD", outcome="failed", contract="K2")
    log.add(T, "seen", 2, project="")
    path = log.path()
    assert (path.amount, path.currency) == (Decimal(5), "EUR")
    assert (path.context["contract"], path.context["project"]) == ("K2", "P1")


def test_ties_are_broken_by_source_and_event_id() -> None:
    log = Log().add(T, "approved", 0, contract="first").add(T, "approved", 0, contract="second")
    assert log.path().context["contract"] == "second"
    log.events[0]["source"] = "psa-2"
    assert log.path().context["contract"] == "first"


def test_business_clock_and_close_window_follow_the_entity() -> None:
    fast = Stage("out", "invoice", ("posted",), (), True, 12 * HOUR, 2 * HOUR, "business")
    process = Process("p", "work", None, (Stage("in", "work", ("approved",)), fast))
    # 15:00 UTC is 11:00 in New York and 17:00 in Berlin, where the day is over.
    log = Log().add("work/W1", "approved", 6, legal_entity="US01")
    log.add("work/W2", "approved", 6, legal_entity="DE01").add("work/W3", "approved", 24 * 15)
    paths = log.paths(9999, process)
    assert paths["work/W1"].stages[1].due_at == at(6 + 6 + 16 + 6)
    assert paths["work/W2"].stages[1].due_at == at(24 - 2 + 8 + 16 + 4)
    # 2026-08-25 is before the window of August (27, 28, 31), so the long limit holds.
    assert paths["work/W3"].stages[1].due_at == at(24 * 15 + 24 + 4)
    close = Log().add("work/W1", "approved", 24 * 17).paths(9999, process)["work/W1"].stages[1]
    assert close.due_at == at(24 * 17 + 2)


def test_a_limit_for_the_close_alone_is_due_only_there() -> None:
    process = Process(
        "p",
        "work",
        None,
        (
            Stage("in", "work", ("approved",)),
            Stage("out", "work", ("sent",), within_at_close=HOUR),
        ),
    )
    assert (
        Log().add("work/W", "approved", 0).path(1, process, root="work/W").stages[1].due_at is None
    )
    stage = Log().add("work/W", "approved", 24 * 17).path(1, process, root="work/W").stages[1]
    assert stage.due_at == at(24 * 17 + 1)


def test_cutoff_is_the_close_of_the_named_period_else_of_the_earliest_ok_event() -> None:
    log = Log().add(T, "approved", 0).add(T, "submitted", -24 * 20)
    assert log.path().cutoff_at == datetime(2026, 8, 7, 18, tzinfo=UTC)
    log.add(T, "seen", 1, period="2026-09")
    assert log.path().cutoff_at == datetime(2026, 10, 7, 18, tzinfo=UTC)
    log.add(T, "seen", 2, period="soon")
    assert log.path().cutoff_at is None
    assert Log().add(T, "approved", 0, outcome="failed").path().cutoff_at is None


def test_the_same_event_told_twice_is_one_and_a_conflicting_version_counts() -> None:
    log = Log().add(T, "approved", 0, contract="a")
    log.events.append(dict(log.events[0]))
    log.events.append({**log.events[0], "contract": "b", "content_hash": b"\1" * 16})
    assert log.path().context["contract"] == "b"


def test_a_reversal_of_a_negative_amount_counts_by_its_size() -> None:
    log = Log().chain().add(INV, "seen", 4, amount=Decimal(-50), currency="USD")
    log.add("credit_memo/C1", "posted", 5, f"reverses {INV} 10")
    assert not log.path().objects[INV].reversed
    log.add("credit_memo/C2", "posted", 5, f"reverses {INV} 40")
    assert log.path().objects[INV].reversed


def test_an_object_without_money_is_reversed_by_any_amount() -> None:
    log = Log().add(T, "approved", 0).add(B, "created", 1, f"from {T}")
    log.add("credit_memo/C1", "posted", 5, f"reverses {B} 1")
    assert log.path().objects[B].reversed


def test_only_objects_of_the_root_type_come_back_from_their_own_reversal() -> None:
    log = Log().chain().add(INV, "reversed", 5).add(INV, "posted", 6)
    assert log.path().objects[INV].reversed
