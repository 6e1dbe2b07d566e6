"""The model itself: stages, failures, reversals, on cases small enough to be judged by hand."""

from decimal import Decimal

import pytest

from tests.model.log import INV, B, Log, T, at, states
from tests.model.paths import Member


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
    assert path.objects["credit_memo/C1"] == Member("asserted", INV, 3, correction=True)
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
