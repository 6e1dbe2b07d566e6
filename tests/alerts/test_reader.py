"""The read door: what pages and commands see of alerts."""

from datetime import timedelta

from alerts.notifier import Notification, SendDelayed, Trouble
from alerts.reader import Reader
from alerts.rule import load_rules
from alerts.runbook import Runbooks
from core.clock import FixedClock
from core.store import Store
from tests.alerts.arrange import NOON, Desk, Tape, pipeline, row, rule


def test_an_empty_warehouse_has_rules_and_no_notifications(any_store: Store) -> None:
    reader = Reader(any_store, load_rules(channels=["log", "webhook"]), Runbooks())
    assert reader.notifications() == []
    assert {each["name"]: each["firing"] for each in reader.rules()}["overdue"] == {}
    assert reader.runbook("failed_event-mapping") is not None
    assert reader.runbook("none") is None
    assert "failed_event-mapping" in reader.runbooks()


def test_what_was_sent_and_what_waits_is_told_with_its_attempts(
    any_store: Store, clock: FixedClock
) -> None:
    def late(_: Notification) -> None:
        raise SendDelayed("later", trouble=Trouble.TIMEOUT)

    rules = [rule(channels=("slow", "quick"))]
    notifiers = {"slow": Tape(before=late), "quick": Tape()}
    pipeline(any_store, Desk([row(), row(finding_id="f2")]), clock, rules, notifiers).turn()
    reader = Reader(any_store, {"all": rules[0]}, Runbooks())
    told = {each["channel"]: each for each in reader.notifications()}
    assert told["quick"]["status"] == "sent"
    assert told["quick"]["attempted_at"] == NOON
    assert told["slow"]["status"] == "retry"
    assert told["slow"]["retry_at"] == NOON + timedelta(seconds=5)
    assert (told["slow"]["trouble"], told["slow"]["attempts"], told["slow"]["alerts"]) == (
        "timeout",
        1,
        2,
    )
    assert reader.rules()[0]["firing"] == {"slow": 2, "quick": 2}
    assert [each["channel"] for each in reader.notifications(channel="slow")] == ["slow"]
    assert len(reader.notifications(finding="f2")) == 2
    assert reader.notifications(finding="f9") == []
    assert len(reader.notifications(limit=1)) == 1


def test_what_was_never_tried_is_waiting(store: Store, clock: FixedClock) -> None:
    pipe = pipeline(store, Desk([row()]), clock)
    pipe.interrupt()
    pipe.turn()
    reader = Reader(store, {}, Runbooks())
    [only] = reader.notifications()
    assert (only["status"], only["attempts"], only["attempted_at"]) == ("waiting", 0, None)
