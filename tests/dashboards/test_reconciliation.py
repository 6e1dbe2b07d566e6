"""The cards of Reconciliation: green is what agrees, and nothing else."""

from decimal import Decimal
from typing import Any

from dashboards.app_pages import reconciliation

ROW = {
    **{"control": "billing_posted", "title": "Billing is posted in the ERP", "currency": "USD"},
    **{"left_title": "billed in PSA", "right_title": "billed in ERP", "runs_up": 0},
    **{"compared": 1, "broken": 0, "waiting": 0, "carried_on": 0, "total": Decimal(0)},
}


def card(failed: int = 0, **row: Any) -> tuple[str, str, str]:
    (made,) = reconciliation.cards([ROW | row], {"billing_posted": failed})
    return made.value, made.tone, " | ".join(made.lines)


def test_a_card_is_green_only_where_nothing_waits() -> None:
    assert card()[:2] == ("Agrees", "complete")
    value, tone, lines = card(waiting=1)
    assert (value, tone) == ("1 to wait for", "in_flight")
    assert "0 of 1 agree" in lines
    value, tone, lines = card(failed=1, waiting=1)
    assert (value, tone) == ("1 to wait for", "overdue")
    assert "1 on its way, of which 1 failed" in lines


def test_a_card_says_that_a_break_that_goes_on_counts_once() -> None:
    value, tone, lines = card(broken=1, compared=3, carried_on=2, runs_up=1, total=Decimal(513))
    assert (value, tone) == ("1 differ", "failed")
    assert "USD\u00a0513" in lines
    assert "each break once, at its newest period" in lines
