"""Controls over time: a break that was warned of stays as over, and what was taken back counts no
more.
"""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from core.store import Store
from lineage.config import Declarations
from lineage.process import load_processes
from lineage.reader import Reader
from lineage.refresh import Wheel
from tests.lineage.arrange import BOUNDS, Bench, bench
from tests.lineage.money_story import MORNING, Story
from tests.lineage.test_controls_rules import CALENDARS, CLOCK, CLOSED, CONTROLS, admit, rows
from tests.model.ledgers import SOURCES

LATE = 24 * 23  # hours from MORNING, past the cutoff


@pytest.fixture
def ledgers(store: Store) -> Bench:
    """An empty warehouse with the shipped processes and controls."""
    made = bench(store, CLOCK, {}, CALENDARS, SOURCES)
    declared = Declarations(load_processes(None), CALENDARS, (), CONTROLS)
    made.wheel = Wheel(store, BOUNDS, CLOCK, declared)
    return made


def test_a_break_that_was_warned_of_stays_as_resolved_by_what_balanced_it(ledgers: Bench) -> None:
    """By each of what can: the missing money, a correction, and a reversal of what was too much."""
    story = Story().tell("psa", "time_entry/1", "approved", "approved 100 USD")
    story.tell("erp", "invoice/2", "posted", "billed 70 USD", contract="C-2")
    story.tell("billing", "billing_event/2", "created", "billed 50 USD", contract="C-2")
    story.tell("billing", "billing_event/3", "created", "billed 40 USD", contract="C-3")
    story.tell("erp", "invoice/3", "posted", "billed 40 USD", contract="C-3")
    story.tell("erp", "invoice/33", "posted", "billed 40 USD", contract="C-3")
    admit(ledgers, story)
    late = Story()
    late.tell("billing", "billing_event/1", "created", "billed 100 USD", hours=LATE)
    late.tell("billing", "billing_event/2", "amended", "billed 70 USD", hours=LATE, contract="C-2")
    taking = {"links": [("reverses", "invoice/33")], "hours": LATE, "contract": "C-3"}
    late.tell("erp", "credit_memo/3", "posted", "billed 40 USD", **taking)
    for number, event in enumerate(late.events):
        event["event_id"] = f"late{number}"
    admit(ledgers, late)
    at = MORNING + timedelta(hours=LATE)
    wanted = {
        "control/delivery_billed/C-1": ("late0", 100),
        "control/billing_posted/C-2": ("late1", 20),
        "control/billing_posted/C-3": ("late2", 40),
    }

    def resolved() -> dict[str, tuple[str, str, datetime, Decimal]]:
        return {
            one["object"].removesuffix("/USD/2026-09/US01"): (
                *(one["status"], one["resolved_by"], one["resolved_at"]),
                one["amount"],
            )
            for one in Reader(ledgers.store).findings(CLOSED, kind="reconciliation_break")
            if one["object"].startswith(tuple(wanted))
        }

    told = resolved()
    assert told == {
        name: ("resolved", f"event {event}", at, Decimal(amount))
        for name, (event, amount) in wanted.items()
    }
    ledgers.wheel.rebuild()
    assert resolved() == told
    back = Story().tell("billing", "billing_event/1", "reversed", hours=LATE + 1)
    back.events[0]["event_id"] = "back"
    admit(ledgers, back)
    assert resolved()["control/delivery_billed/C-1"][0] == "open"


def test_a_memo_that_was_taken_back_takes_nothing_off(ledgers: Bench) -> None:
    """By an event of its own, or by another memo, which is taken back in its turn."""
    story = Story()
    for name in ("1", "2"):
        story.tell("erp", f"invoice/{name}", "posted", "billed 100 USD")
        taken = [("reverses", f"invoice/{name}")]
        story.tell("erp", f"credit_memo/{name}", "posted", "billed 100 USD", links=taken)
    admit(ledgers, story)
    right = [row["right"] for row in rows(ledgers, "billing_posted")]
    assert right == [Decimal(0)]
    for number, (key, action, links, total) in enumerate(
        (
            ("credit_memo/1", "reversed", [], 100),
            ("credit_memo/3", "posted", [("reverses", "credit_memo/2")], 200),
            ("credit_memo/3", "cancelled", [], 100),
        )
    ):
        more = Story().tell("erp", key, action, hours=20 + number, links=links)
        more.events[0]["event_id"] = f"more{number}"
        admit(ledgers, more)
        assert [row["right"] for row in rows(ledgers, "billing_posted")] == [Decimal(total)]
    ledgers.wheel.rebuild()
    assert [row["right"] for row in rows(ledgers, "billing_posted")] == [Decimal(100)]


def test_a_break_that_goes_on_is_one_and_counts_at_its_newest_period(ledgers: Bench) -> None:
    """In rows, findings and their past; where a control warns later, of what it warns of then."""
    story = Story().tell("crm", "contract/C-1", "activated", "contract_value 150 USD")
    for month, amount in (("07", 200), ("08", 100), ("09", 50)):
        story.tell(
            "erp", f"invoice/{month}", "posted", f"billed {amount} USD", period=f"2026-{month}"
        )
    admit(ledgers, story)
    within, rolls = "billing_within_contract", "deferred_rollforward"

    def standing(control: str, now: datetime, **only: str) -> list[tuple[str, Decimal]]:
        told = rows(ledgers, control, now, **only)
        return [(one["period"], abs(one["difference"])) for one in told if not one["carried"]]

    def found(control: str, now: datetime) -> list[tuple[str, str, Decimal]]:
        told = Reader(ledgers.store).findings(now, kind="reconciliation_break")
        return [
            (one["object"], one["status"], one["amount"])
            for one in told
            if one["subkind"] == control
        ]

    assert standing(within, CLOSED) == [("2026-09", Decimal(200))]
    assert standing(within, CLOSED, period="2026-08") == [("2026-08", Decimal(150))]
    assert standing(rolls, CLOCK.now()) == [("2026-08", Decimal(300))]
    assert standing(rolls, CLOSED) == [("2026-09", Decimal(350))]
    key = f"control/{within}/C-1/USD/2026-07/US01"
    assert found(within, CLOSED) == [(key, "open", Decimal(200))]
    rolled = f"control/{rolls}/C-1/USD/2026-07/US01"
    assert found(rolls, CLOCK.now()) == [(rolled, "open", Decimal(300))]
    assert found(rolls, CLOSED) == [(rolled, "open", Decimal(350))]
    more = Story().tell("crm", "contract/C-1", "amended", "contract_value 900 USD", hours=LATE)
    more.events[0]["event_id"] = "more"
    admit(ledgers, more)
    assert found(within, CLOSED) == [(key, "resolved", Decimal(200))]
