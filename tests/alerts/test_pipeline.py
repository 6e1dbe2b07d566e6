"""The whole way, on a real store: once per state change and channel, whatever happens."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from alerts.journal import Attempt, Journal
from alerts.notifier import Notification, SendDelayed, SendRefused, Trouble
from alerts.reader import Reader
from alerts.runbook import Runbooks
from core.clock import FixedClock
from core.errors import StoreUnavailable
from core.store import Store
from tests.alerts.arrange import ATTEMPTS_MAX, NOON, Crash, Desk, Tape, pipeline, row, rule

SECOND = timedelta(seconds=1)


def test_a_finding_is_told_once_when_it_comes_changes_and_goes(
    any_store: Store, clock: FixedClock
) -> None:
    desk, tape = Desk([row()]), Tape()
    pipe = pipeline(any_store, desk, clock, notifiers={"tape": tape})
    for _ in range(3):
        pipe.turn()
    desk.rows = [row(amount=Decimal("99.9900"))]
    for _ in range(3):
        pipe.turn()
    desk.rows = []
    for _ in range(3):
        pipe.turn()
    desk.rows = [row()]
    pipe.turn()
    assert tape.reasons() == ["new", "changed", "resolved", "new"]
    assert len({notification.notification_id for notification in tape.arrived}) == 4


def test_each_channel_and_each_rule_is_told_for_itself(store: Store, clock: FixedClock) -> None:
    first, second = Tape(), Tape()
    rules = [rule(name="both", channels=("first", "second")), rule(name="one", channels=("first",))]
    notifiers = {"first": first, "second": second}
    pipeline(store, Desk([row()]), clock, rules, notifiers).turn()
    assert first.told() == [("both", "f1", "new"), ("one", "f1", "new")]
    assert second.told() == [("both", "f1", "new")]


def test_a_channel_that_is_set_up_later_is_told_of_what_fires(
    store: Store, clock: FixedClock
) -> None:
    rules = [rule(channels=("first", "second"))]
    pipeline(store, Desk([row()]), clock, rules, {"first": Tape()}).turn()
    first, second = Tape(), Tape()
    pipeline(store, Desk([row()]), clock, rules, {"first": first, "second": second}).turn()
    assert (first.told(), second.told()) == ([], [("all", "f1", "new")])


def test_a_restart_repeats_nothing_and_still_tells_what_changed_meanwhile(
    store: Store, clock: FixedClock
) -> None:
    pipeline(store, Desk([row(), row(finding_id="f2")]), clock).turn()
    tape = Tape()
    desk = Desk([row(), row(finding_id="f3")])
    pipeline(store, desk, clock, notifiers={"tape": tape}).turn()
    assert sorted(tape.told()) == [("all", "f2", "resolved"), ("all", "f3", "new")]


def test_repeat_counts_from_what_was_told_last_also_after_a_restart(
    store: Store, clock: FixedClock
) -> None:
    rules = [rule(repeat=timedelta(hours=4))]
    pipeline(store, Desk([row()]), clock, rules).turn()
    clock.move(timedelta(hours=4) - SECOND)
    tape = Tape()
    pipe = pipeline(store, Desk([row()]), clock, rules, {"tape": tape})
    pipe.turn()
    assert tape.reasons() == []
    clock.move(SECOND)
    pipe.turn()
    pipe.turn()
    assert tape.reasons() == ["repeat"]


def test_changes_that_belong_together_are_one_message(store: Store, clock: FixedClock) -> None:
    tape = Tape()
    rows = [row(finding_id=f"f{n}", legal_entity=f"US0{n % 2}") for n in range(6)]
    rules = [rule(group_by=("legal_entity",))]
    pipeline(store, Desk(rows), clock, rules, {"tape": tape}).turn()
    assert [(body["group"], body["alerts_total"]) for body in tape.bodies()] == [
        ({"legal_entity": "US00"}, 3),
        ({"legal_entity": "US01"}, 3),
    ]


def test_a_crash_between_send_and_record_sends_the_same_again_under_the_same_key(
    store: Store, clock: FixedClock
) -> None:
    def die(_: Notification) -> None:
        raise Crash

    first = Tape(after=die)
    with pytest.raises(Crash):
        pipeline(store, Desk([row()]), clock, notifiers={"tape": first}).turn()
    second = Tape()
    pipe = pipeline(store, Desk([row()]), clock, notifiers={"tape": second})
    pipe.turn()
    pipe.turn()
    assert first.arrived == second.arrived


def test_a_crash_between_intent_and_send_loses_nothing(store: Store, clock: FixedClock) -> None:
    def die(_: Notification) -> None:
        raise Crash

    with pytest.raises(Crash):
        pipeline(store, Desk([row()]), clock, notifiers={"tape": Tape(before=die)}).turn()
    tape = Tape()
    # The finding is settled meanwhile: people still hear both, in that order.
    pipeline(store, Desk([]), clock, notifiers={"tape": tape}).turn()
    assert tape.reasons() == ["new", "resolved"]


def test_what_was_sent_but_could_not_be_written_down_is_not_sent_again(
    store: Store, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tape = Tape()
    pipe = pipeline(store, Desk([row()]), clock, notifiers={"tape": tape})

    def away(self: Journal, attempt: Attempt) -> None:
        raise StoreUnavailable("the warehouse is away")

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "record", away)
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                pipe.turn()
    pipe.turn()
    assert tape.reasons() == ["new"]
    assert _statuses(store) == ["sent"]


def test_an_insert_whose_answer_got_lost_is_not_made_twice(
    store: Store, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tape = Tape()
    pipe = pipeline(store, Desk([row()]), clock, notifiers={"tape": tape})
    insert = Store.insert

    def lose_the_answer(self: Store, *args: Any) -> None:
        insert(self, *args)
        raise StoreUnavailable("the warehouse is away")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "insert", lose_the_answer)
        with pytest.raises(StoreUnavailable):
            pipe.turn()
    pipe.turn()
    assert tape.reasons() == ["new"]


def test_findings_that_cannot_be_read_resolve_nothing_and_keep_nothing_back(
    store: Store, clock: FixedClock
) -> None:
    class Away:
        def findings(self, now: object) -> list[dict[str, Any]]:
            raise StoreUnavailable("the warehouse is away")

    def late(_: Notification) -> None:
        raise SendDelayed("later", trouble=Trouble.SERVER)

    pipeline(store, Desk([row()]), clock, notifiers={"tape": Tape(before=late)}).turn()
    clock.move(timedelta(minutes=1))
    tape = Tape()
    with pytest.raises(StoreUnavailable):
        pipeline(store, Away(), clock, notifiers={"tape": tape}).turn()
    assert tape.reasons() == ["new"]


def test_while_findings_are_not_ready_nothing_is_evaluated(store: Store, clock: FixedClock) -> None:
    tape, desk = Tape(), Desk([row()])
    pipe = pipeline(store, desk, clock, notifiers={"tape": tape})
    pipe.turn()
    desk.rows = []
    pipe._ready = lambda: False
    assert not pipe.turn().evaluated
    assert tape.reasons() == ["new"]


def test_a_message_never_overtakes_an_earlier_one_about_the_same_finding(
    store: Store, clock: FixedClock
) -> None:
    def refuse_f1(notification: Notification) -> None:
        if '"f1"' in notification.body:
            raise SendDelayed("later", trouble=Trouble.SERVER)

    tape = Tape(before=refuse_f1)
    desk = Desk([row()])
    pipe = pipeline(store, desk, clock, notifiers={"tape": tape})
    pipe.turn()
    desk.rows = [row(finding_id="f2")]
    pipe.turn()
    assert tape.told() == [("all", "f2", "new")] or tape.told() == []
    tape.before = lambda notification: None
    clock.move(timedelta(minutes=1))
    pipe.turn()
    f1 = [reason for _, finding_id, reason in tape.told() if finding_id == "f1"]
    assert f1 == ["new", "resolved"]


def test_attempts_are_bounded_and_given_up_in_the_open(store: Store, clock: FixedClock) -> None:
    def fail(_: Notification) -> None:
        raise SendDelayed("later", trouble=Trouble.SERVER)

    tape = Tape(before=fail)
    pipe = pipeline(store, Desk([row()]), clock, notifiers={"tape": tape})
    outcomes = []
    for _ in range(ATTEMPTS_MAX + 3):
        outcomes += list(pipe.turn().outcomes)
        clock.move(timedelta(minutes=2))
    assert outcomes == ["retry"] * (ATTEMPTS_MAX - 1) + ["given_up"]
    assert _statuses(store) == ["given_up"]


def test_waits_double_up_to_their_bound(store: Store, clock: FixedClock) -> None:
    tries: list[float] = []

    def fail(_: Notification) -> None:
        tries.append((clock.now() - NOON).total_seconds())
        raise SendDelayed("later", trouble=Trouble.SERVER)

    pipe = pipeline(store, Desk([row()]), clock, notifiers={"tape": Tape(before=fail)})
    for _ in range(60):
        pipe.turn()
        clock.move(SECOND)
    assert tries == [0, 5, 15, 35]


def test_a_refused_message_is_not_tried_again(store: Store, clock: FixedClock) -> None:
    def refuse(_: Notification) -> None:
        raise SendRefused("no", trouble=Trouble.REFUSED)

    tape = Tape(before=refuse)
    pipe = pipeline(store, Desk([row()]), clock, notifiers={"tape": tape})
    pipe.turn()
    tape.before = lambda notification: None
    clock.move(timedelta(hours=1))
    pipe.turn()
    assert tape.arrived == []
    assert _statuses(store) == ["refused"]


def test_a_channel_that_breaks_does_not_keep_the_others_from_being_told(
    store: Store, clock: FixedClock
) -> None:
    def break_down(_: Notification) -> None:
        raise KeyError("secret-token")

    rules = [rule(channels=("broken", "sound"))]
    sound = Tape()
    notifiers = {"broken": Tape(before=break_down), "sound": sound}
    pipeline(store, Desk([row()]), clock, rules, notifiers).turn()
    assert sound.reasons() == ["new"]
    details = {each["channel"]: each["detail"] for each in _reader(store).notifications()}
    assert details == {"broken": "the channel broke: KeyError", "sound": ""}


def test_too_much_waiting_holds_evaluation_and_is_made_up_for(
    store: Store, clock: FixedClock
) -> None:
    def fail(_: Notification) -> None:
        raise SendDelayed("later", trouble=Trouble.SERVER)

    tape, desk = Tape(before=fail), Desk([row()])
    pipe = pipeline(store, desk, clock, notifiers={"tape": tape}, pending_max=1)
    pipe.turn()
    desk.rows = [row(amount=Decimal("1.0000"))]
    assert pipe.turn().notifications == 0
    tape.before = lambda notification: None
    clock.move(timedelta(minutes=1))
    pipe.turn()
    pipe.turn()
    assert tape.reasons() == ["new", "changed"]


def test_a_test_message_goes_the_same_way_and_disturbs_nothing(
    store: Store, clock: FixedClock
) -> None:
    tape, desk = Tape(), Desk([row()])
    pipe = pipeline(store, desk, clock, notifiers={"tape": tape})
    sent = pipe.test("tape")
    pipe.turn()
    assert [notification.state for notification in tape.arrived] == ["test", "firing"]
    assert sent.notification_id == tape.arrived[0].notification_id
    assert _statuses(store) == ["sent", "sent"]


def test_a_long_group_lists_some_and_counts_all(store: Store, clock: FixedClock) -> None:
    tape = Tape()
    rows = [row(finding_id=f"f{n:04}", amount=Decimal(n)) for n in range(700)]
    pipe = pipeline(store, Desk(rows), clock, notifiers={"tape": tape})
    pipe.turn()
    pipe.turn()
    [body] = tape.bodies()
    assert (body["alerts_total"], len(body["alerts"])) == (700, 50)
    assert body["alerts"][0]["amount"] == "699"
    assert body["totals"] == [{"currency": "USD", "amount": "244650", "alerts": 700}]
    after = Tape()
    pipeline(store, Desk(rows), clock, notifiers={"tape": after}).turn()
    assert after.arrived == []


def _reader(store: Store) -> Reader:
    return Reader(store, {}, Runbooks())


def _statuses(store: Store) -> list[str]:
    return [each["status"] for each in _reader(store).notifications()]
