"""The property of alerts: each state change is told exactly once, over crashes, restarts and
delays.
"""

import itertools
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.notifier import Notification, SendDelayed, Trouble
from core.clock import FixedClock
from core.store import Store
from tests.alerts.arrange import NOON, Crash, Desk, Tape, pipeline, row, rule

_numbers = itertools.count(1)

Step = tuple[dict[str, tuple[str, int]], int, str]
findings = st.dictionaries(
    st.sampled_from(["f1", "f2", "f3"]),
    st.tuples(st.sampled_from(["open", "acknowledged", "resolved"]), st.integers(1, 2)),
)
steps: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(
        findings,
        st.sampled_from([0, 1, 61, 3600]),
        st.sampled_from(["", "", "restart", "die_before", "die_after", "delay"]),
    ),
    max_size=12,
)


# One store serves all examples, each with a rule of its own name: what others left does not matter.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_any_sequence_tells_each_state_change_exactly_once(store: Store, steps: list[Step]) -> None:
    """Over crashes, restarts and delays the receiver, which drops keys it has, hears the model's
    story.
    """
    clock, desk = FixedClock(NOON), Desk()
    mine = rule(name=f"rule_{next(_numbers)}", repeat=timedelta(hours=1), group_by=("stage",))
    tapes: list[Tape] = []
    model = Model()

    def start(mishap: str) -> Any:
        def happen(_: Notification) -> None:
            if mishap == "delay":
                raise SendDelayed("later", trouble=Trouble.SERVER)
            raise Crash

        tape = Tape()
        if mishap == "die_after":
            tape.after = happen
        elif mishap in ("die_before", "delay"):
            tape.before = happen
        tapes.append(tape)
        return pipeline(store, desk, clock, [mine], {"tape": tape}, attempts_max=100)

    pipe = start("")
    for states, seconds, mishap in steps:
        clock.move(timedelta(seconds=seconds))
        desk.rows = [
            row(finding_id=name, status=status, amount=Decimal(amount))
            for name, (status, amount) in states.items()
        ]
        model.step(states, clock)
        if mishap:
            pipe = start(mishap)
        try:
            pipe.turn()
        except Crash:
            pipe = start("")
    desk.rows = []
    model.step({}, clock)
    pipe = start("")
    for _ in range(30):
        pipe.turn()
        clock.move(timedelta(seconds=61))
    heard: dict[str, Notification] = {}
    for tape in tapes:
        for notification in tape.arrived:
            if notification.rule != mine.name:
                continue
            known = heard.setdefault(notification.notification_id, notification)
            assert known == notification
    story: dict[str, list[str]] = {}
    for notification in heard.values():
        for alert in json.loads(notification.body)["alerts"]:
            story.setdefault(alert["finding_id"], []).append(alert["reason"])
    assert story == model.story


class Model:
    """What should be told of each finding, in order, in the plainest way."""

    def __init__(self) -> None:
        self.story: dict[str, list[str]] = {}
        self._firing: dict[str, tuple[int, Any]] = {}

    def step(self, states: dict[str, tuple[str, int]], clock: FixedClock) -> None:
        for name in ["f1", "f2", "f3"]:
            status, amount = states.get(name, ("resolved", 0))
            reason = self._reason(name, status, amount, clock)
            if not reason:
                continue
            self.story.setdefault(name, []).append(reason)
            if reason == "resolved":
                del self._firing[name]
            else:
                self._firing[name] = (amount, clock.now())

    def _reason(self, name: str, status: str, amount: int, clock: FixedClock) -> str:
        if name not in self._firing:
            return "new" if status == "open" else ""
        if status == "resolved":
            return "resolved"
        if status == "acknowledged":
            return ""
        known, at = self._firing[name]
        if amount != known:
            return "changed"
        due = clock.now() - at >= timedelta(hours=1)
        return "repeat" if due else ""
