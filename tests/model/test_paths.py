"""The model itself, on cases small enough to be judged by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.calendar import load_calendars
from lineage.process import Cutoff, Process, Stage
from tests.model.paths import Member, PathModel, Paths, evaluate

CALENDARS = load_calendars()
SOURCES = {"psa-1": "psa", "mule": "middleware", "erp-1": "erp"}
# Hour 0 is a Monday, 2026-08-10 at 09:00 UTC: far from any close window.
START = datetime(2026, 8, 10, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)

TIME = Process(
    "time",
    "time_entry",
    None,
    (
        Stage("approved", "time_entry", ("approved",), ("psa",)),
        Stage("billed", "billing_event", ("created",), within=8 * HOUR),
        Stage("mapped", "billing_event", ("mapped",), within=HOUR),
        Stage("invoiced", "invoice", ("posted",), ("erp",), within=8 * HOUR),
        Stage("reported", "invoice", ("reported",), required=False),
    ),
    Cutoff("invoiced"),
)
T, B, INV = "time_entry/T1", "billing_event/B1", "invoice/I1"


def at(hour: float) -> datetime:
    return START + hour * HOUR


class Log:
    """Collects events; the n-th one has the id `e<n>`."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def add(self, key: str, action: str, hour: float, *links: str, **fields: Any) -> "Log":
        """One event; a link is `relation type/id` or `relation type/id amount`."""
        type_, _, id_ = key.partition("/")
        event = {
            "object_type": type_,
            "object_id": id_,
            "action": action,
            "occurred_at": at(hour),
            "source": "erp-1" if type_ == "invoice" else "psa-1",
            "event_id": f"e{len(self.events):03d}",
            "content_hash": bytes(16),
            "outcome": "ok",
            "links": [_link(text) for text in links],
            **fields,
        }
        self.events.append(event)
        return self

    def chain(self, *, hours: tuple[float, ...] = (0, 1, 2, 3)) -> "Log":
        """One time entry, through to its invoice."""
        self.add(T, "approved", hours[0], amount=Decimal(100), currency="USD")
        self.add(B, "created", hours[1], f"from {T}")
        self.add(B, "mapped", hours[2])
        return self.add(INV, "posted", hours[3], f"from {B}", amount=Decimal(100), currency="USD")

    def paths(self, now: float = 1000, *more: Process, **options: Any) -> Paths:
        processes = {process.name: process for process in (TIME, *more)}
        found = evaluate(self.events, SOURCES, processes, CALENDARS, at(now), **options)
        backwards = evaluate(self.events[::-1], SOURCES, processes, CALENDARS, at(now), **options)
        assert found == backwards, "arrival must not matter"
        return found

    def path(self, now: float = 1000, *more: Process, root: str = T) -> PathModel:
        return self.paths(now, *more)[root]


def _link(text: str) -> tuple[str, str, str, Decimal | None]:
    relation, key, *amount = text.split(" ")
    type_, _, id_ = key.partition("/")
    return type_, id_, relation, Decimal(amount[0]) if amount else None


def states(path: PathModel) -> list[str]:
    return [stage.state for stage in path.stages]


def test_a_whole_path_is_complete() -> None:
    path = Log().chain().path()
    assert (path.state, path.amount, path.currency) == ("complete", Decimal(100), "USD")
    assert states(path) == ["done", "done", "done", "done", "pending"]
    assert path.objects == {
        T: Member("asserted", "", 0),
        B: Member("asserted", T, 1),
        INV: Member("asserted", B, 2),
    }
    assert path.links == {(T, B, "from", "asserted"), (B, INV, "from", "asserted")}
    invoiced = path.stages[3]
    assert (invoiced.reached_at, invoiced.completed_at) == (at(3), at(3))
    assert (invoiced.started_at, invoiced.due_at) == (at(2), at(10))
    assert (invoiced.objects, invoiced.stuck_object) == ([INV], None)
    assert path.stages[0].due_at is path.stages[4].due_at is None


def test_a_root_enters_with_any_outcome_of_its_first_stage_and_the_right_role() -> None:
    assert list(Log().add(T, "approved", 0, outcome="failed").paths()) == [T]
    assert list(Log().add(T, "approved", 0, source="mule").paths()) == []
    assert list(Log().add(T, "submitted", 0).paths()) == []


def test_what_was_posted_without_approval_is_seen_its_approval_skipped() -> None:
    path = Log().add(B, "created", 1, f"from {T}").path(1.5)
    assert states(path) == ["skipped", "done", "pending", "pending", "pending"]
    assert (path.amount, path.state) == (None, "in_flight")
    assert path.stages[1].due_at is None
    assert path.stages[2].due_at == at(2)


def test_overdue_is_told_by_now() -> None:
    log = Log().add(T, "approved", 0)
    assert states(log.path(8))[1] == "pending"
    assert states(log.path(8.1))[1] == "overdue"
    assert log.path(8.1).state == "overdue"
    assert log.path(8.1).stages[1].stuck_object == T


def test_late_is_done_after_due_and_completes_the_path() -> None:
    path = Log().chain(hours=(0, 9, 9.5, 9.6)).path()
    assert states(path) == ["done", "late", "done", "done", "pending"]
    assert path.state == "complete"
    assert states(Log().chain(hours=(0, 8, 9, 10)).path())[1] == "done"


def test_done_before_its_clock_started_is_done() -> None:
    path = Log().chain(hours=(5, 1, 2, 3)).path()
    assert states(path)[:4] == ["done"] * 4
    assert path.stages[1].started_at == at(5)


def test_one_of_two_billing_events_invoiced_is_not_invoiced() -> None:
    log = Log().chain().add("billing_event/B0", "created", 1, f"from {T}")
    log.add("billing_event/B0", "mapped", 2)
    invoiced = log.path().stages[3]
    assert (invoiced.state, invoiced.reached_at, invoiced.completed_at) == ("overdue", at(3), None)
    assert invoiced.stuck_object == "billing_event/B0"
    log.add("invoice/I2", "posted", 6, "from billing_event/B0")
    assert (log.path().stages[3].state, log.path().stages[3].completed_at) == ("done", at(6))


def test_a_stage_of_the_same_type_waits_for_each_object() -> None:
    log = Log().chain().add("billing_event/B2", "created", 1, f"from {T}", f"from {B}")
    mapped = log.path().stages[2]
    assert (mapped.state, mapped.stuck_object) == ("overdue", "billing_event/B2")


def test_coverage_passes_through_objects_of_other_types_and_reversed_ones() -> None:
    log = Log().add(T, "approved", 0).add(B, "mapped", 1, f"from {T}")
    log.add("sheet/S1", "created", 1, f"from {B}").add(INV, "posted", 2, "from sheet/S1")
    log.add(B, "reversed", 3)
    path = log.path()
    assert path.objects[B].reversed
    assert states(path) == ["done", "skipped", "skipped", "done", "pending"]
    assert path.stages[3].started_at == at(0)


def test_siblings_stay_off_the_path() -> None:
    log = (
        Log()
        .chain()
        .add("time_entry/T2", "approved", 0)
        .add(INV, "posted", 4, "from time_entry/T2")
    )
    assert set(log.path().objects) == {T, B, INV}
    assert set(log.path(root="time_entry/T2").objects) == {"time_entry/T2", INV}


def test_a_failure_holds_until_a_later_ok_of_the_same_action() -> None:
    log = Log().add(T, "approved", 0).add(B, "created", 1, f"from {T}")
    log.add(B, "mapped", 2, outcome="failed")
    assert states(log.path(2)) == ["done", "done", "failed", "pending", "pending"]
    assert log.path(2).state == "failed"
    assert log.path(500).stages[3].due_at is None
    log.add(B, "mapped", 2)
    assert states(log.path(2))[2] == "done"


def test_an_earlier_ok_settles_nothing_but_a_done_stage_stays_done() -> None:
    log = Log().chain().add(B, "mapped", 5, outcome="failed").add(B, "sent", 5, outcome="failed")
    assert states(log.path())[:4] == ["done"] * 4


def test_another_action_fails_the_incomplete_stages_of_its_type() -> None:
    log = Log().add(T, "approved", 0).add(B, "validated", 1, f"from {T}", outcome="failed")
    assert states(log.path(1)) == ["done", "failed", "failed", "pending", "pending"]


def test_retrying_and_skipped_are_neither_done_nor_failed() -> None:
    log = Log().add(T, "approved", 0).add(B, "created", 1, f"from {T}", outcome="retrying")
    log.add(B, "created", 2, outcome="skipped")
    assert states(log.path(3)) == ["done", "pending", "pending", "pending", "pending"]


def test_another_object_with_the_same_idempotency_key_settles_a_failure() -> None:
    log = Log().add(T, "approved", 0)
    log.add(B, "created", 1, f"from {T}", outcome="failed", idempotency_key="k")
    log.add("billing_event/B9", "created", 2, idempotency_key="k")
    assert states(log.path(2))[1] == "pending"
    log.events[-1]["idempotency_key"] = "other"
    assert states(log.path(2))[1] == "failed"


def test_another_object_made_from_the_same_settles_a_failure() -> None:
    log = Log().add(T, "approved", 0).add(B, "created", 1, f"from {T}", outcome="failed")
    log.add("billing_event/B2", "created", 2, f"from {T}")
    assert states(log.path(2))[1] == "done"
    log.add("billing_event/B2", "seen", 2, "from time_entry/T2")
    log.add("billing_event/B3", "created", 2, outcome="failed")
    assert Log().add(B, "created", 1, outcome="failed").paths() == {}
    path = log.path(2)
    # B2 is now made from more than B, so it settles nothing; the stage was done by it all the same.
    assert states(path)[1:3] == ["done", "failed"]


@pytest.mark.parametrize(
    ("links", "is_reversed"),
    [
        (["reverses invoice/I1"], True),
        (["reverses invoice/I1 99.99"], False),
        (["reverses invoice/I1 60", "reverses invoice/I1 40"], True),
    ],
)
def test_reversed_in_full_by_link_amounts(links: list[str], is_reversed: bool) -> None:
    path = Log().chain().add("credit_memo/C1", "posted", 5, *links).path()
    assert path.objects[INV].reversed is is_reversed
    assert path.objects["credit_memo/C1"] == Member("asserted", INV, 3)
    assert path.state == ("overdue" if is_reversed else "complete")
    assert path.stages[3].due_at == at(10), "the stage opens again with its old clock"


def test_the_memos_money_counts_where_the_link_has_none_and_once_a_memo() -> None:
    log = Log().chain()
    for hour in (5, 6):
        log.add(
            "credit_memo/C1", "seen", hour, f"reverses {INV}", amount=Decimal(60), currency="USD"
        )
    assert not log.path().objects[INV].reversed
    log.add("credit_memo/C2", "posted", 6, f"reverses {INV}", amount=Decimal(40), currency="USD")
    assert log.path().objects[INV].reversed


def test_a_failed_reversal_reverses_nothing_but_links() -> None:
    log = Log().chain().add("credit_memo/C1", "posted", 5, f"reverses {INV}", outcome="failed")
    log.add(INV, "reversed", 5, outcome="failed")
    path = log.path()
    assert not path.objects[INV].reversed
    assert "credit_memo/C1" in path.objects


def test_an_own_reversed_event_opens_the_stage_again() -> None:
    path = Log().chain().add(INV, "reversed", 5).path(6)
    assert states(path)[3] == "pending"
    assert path.stages[3].objects == []
    assert path.stages[3].stuck_object == B


def test_a_cancelled_root_is_reopened_by_a_new_approval() -> None:
    log = Log().add(T, "approved", 0).add(T, "rejected", 1)
    assert log.path().state == "cancelled"
    assert log.add(T, "approved", 2).path(2).state == "in_flight"
    log.add(T, "reversed", 3)
    assert (log.path().state, log.path().objects[T].reversed) == ("cancelled", True)
    log.add(T, "approved", 4)
    path = log.path(4)
    assert (path.state, path.objects[T].reversed, path.stages[0].state) == (
        "in_flight",
        False,
        "done",
    )


def test_a_root_reversed_by_a_link_is_cancelled() -> None:
    log = Log().add(T, "approved", 0).add("time_entry/T2", "approved", 1, f"reverses {T}")
    assert log.path().state == "cancelled"


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
