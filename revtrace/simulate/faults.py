"""What goes wrong, how often and where: the seeded faults and the plan that places them.

A fault is something that happened in the firm's systems (a lost message, a second submit, a wrong
mapping). It is placed on a billing cycle or on a contract, one each, so that every broken chain
has one cause. The flows act it out; the answer key says what it deserves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from revtrace.simulate.cycles import Cycle
from revtrace.simulate.firm import DYNAMICS, MIDDLEWARE, NETSUITE, PSA, Contract

BILLABLE = frozenset(
    (
        "time_and_materials",
        "milestone_billing",
        "fixed_fee",
        "percent_complete",
        "retainer",
        "managed_services",
    )
)
_BY_THE_HOUR = frozenset(("time_and_materials",))
_ALL = BILLABLE | {"expenses"}


@dataclass(frozen=True)
class Failure:
    """An error as the system gives it, at the hop that it stops."""

    subkind: str
    hop: str  # billed, mapped or invoiced
    source: str
    code: str
    message: str


FAILURES: dict[str, Failure] = {
    "unmapped_project": Failure(
        "mapping", "mapped", MIDDLEWARE, "MULE:EXPRESSION",
        "No ERP project mapping found for PSA project {project}"),
    "unknown_subsidiary": Failure(
        "legal_entity", "mapped", MIDDLEWARE, "VALIDATION:INVALID_SUBSIDIARY",
        "Legal entity {entity} has no subsidiary in the lookup table entity-map v7"),
    "missing_rate": Failure(
        "rate_card", "billed", PSA, "RATE_CARD_NOT_FOUND",
        "No rate card line for grade principal on project {project}"),
    "missing_terms": Failure(
        "customer_terms", "invoiced", NETSUITE, "USER_ERROR",
        "Please enter value(s) for: Terms. Customer {customer} has no payment terms"),
    "missing_tax_group": Failure(
        "tax", "invoiced", DYNAMICS, "SalesTaxGroupMissing",
        "Sales tax group must be filled in on the free text invoice line of {project}"),
    "invalid_reference": Failure(
        "validation", "invoiced", NETSUITE, "INVALID_KEY_OR_REF",
        "Invalid entity reference key {customer} for subsidiary 1"),
    "posting_profile": Failure(
        "validation", "invoiced", DYNAMICS, "PostingFailed",
        "Account number for transaction type Project - invoice does not exist for {project}"),
    "period_closed_us": Failure(
        "period_closed", "invoiced", NETSUITE, "CLOSED_TRAN_PRD",
        "The transaction date is in a closed accounting period"),
    "period_on_hold_emea": Failure(
        "period_closed", "invoiced", DYNAMICS, "PeriodOnHold",
        "Fiscal period {period} of ledger {entity} is on hold and cannot be posted to"),
    "login_refused": Failure(
        "auth", "invoiced", NETSUITE, "INVALID_LOGIN_ATTEMPT",
        "Invalid login attempt: the access token of integration mule-prod has been revoked"),
    "request_limit": Failure(
        "rate_limit", "invoiced", NETSUITE, "SSS_REQUEST_LIMIT_EXCEEDED",
        "Script Execution Request Limit Exceeded: concurrent request limit of 10 reached"),
    "gateway_timeout": Failure(
        "timeout", "invoiced", DYNAMICS, "HTTP:TIMEOUT",
        "POST /data/CustInvoiceJournals timed out after 120000 ms"),
    "connection_reset": Failure(
        "connection", "mapped", MIDDLEWARE, "HTTP:CONNECTIVITY",
        "Remotely closed connection while reading project-master"),
    "strange_error": Failure(
        "unknown", "invoiced", DYNAMICS, "0x80040217-17",
        "Unexpected situation in class CustPostInvoiceJob_17, contact your administrator"),
}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """How often a fault happens at scale 1, and to which cycles it can."""

    name: str
    count: int
    fits: Callable[[Cycle, datetime], bool]


def _aged(days: float, processes: Iterable[str] = _ALL) -> Callable[[Cycle, datetime], bool]:
    allowed = frozenset(processes)
    return lambda cycle, now: (
        cycle.process in allowed and cycle.run_at <= now - timedelta(days=days)
    )


def _calm(days: float, processes: Iterable[str] = _ALL) -> Callable[[Cycle, datetime], bool]:
    aged = _aged(days, processes)
    return lambda cycle, now: not cycle.closing and aged(cycle, now)


def _fresh(processes: Iterable[str] = _ALL) -> Callable[[Cycle, datetime], bool]:
    """Runs of the last days, where most of what is open at a close comes from."""
    aged = _aged(0.5, processes)
    return lambda cycle, now: aged(cycle, now) and cycle.run_at > now - timedelta(days=12)


def _failing(failure: Failure) -> Callable[[Cycle, datetime], bool]:
    days = 0.5 if failure.subkind in ("rate_limit", "timeout", "mapping") else 1.5
    aged = _aged(days, _ALL)
    in_erp = failure.source in (NETSUITE, DYNAMICS)
    return lambda cycle, now: (
        aged(cycle, now) and (not in_erp or cycle.contract.entity.erp == failure.source)
    )


def _after_close(cycle: Cycle, now: datetime) -> bool:
    # The period's last bill run, in a period whose billing cutoff is long past.
    closed = cycle.last == cycle.period.last_day and cycle.period.books_close < now
    return closed and cycle.process in _BY_THE_HOUR


def _amended(cycle: Cycle, now: datetime) -> bool:
    amended = cycle.contract.amended
    changed = amended is not None and cycle.run_at.date() > amended + timedelta(days=3)
    return changed and _aged(1.5)(cycle, now)


def _netsuite(cycle: Cycle, now: datetime) -> bool:
    return _calm(3)(cycle, now) and cycle.contract.entity.erp == NETSUITE


RULES: tuple[Rule, ...] = (
    Rule("late_approval", 2, _after_close),
    Rule("stale_terms", 2, _amended),
    Rule("lost_in_queue", 3, _fresh()),
    Rule("lost_long_ago", 1, lambda cycle, now: _aged(8)(cycle, now)
         and cycle.period.books_close < now),
    Rule("not_published", 2, _fresh()),
    Rule("not_billed", 2, _aged(5, _BY_THE_HOUR)),
    Rule("not_posted", 2, _aged(2.5)),
    Rule("slow_queue", 3, _calm(6)),
    Rule("slow_posting", 2, _calm(9)),
    *(Rule(name, 1 if name == "strange_error" else 2, _failing(failure))
      for name, failure in FAILURES.items()),
    Rule("failed_then_fixed", 4, _calm(2)),
    Rule("double_post_timeout", 2, _aged(1.5)),
    Rule("double_post_rerun", 1, _aged(1.5)),
    Rule("double_post_unacknowledged", 1, _aged(1.5)),
    Rule("double_journal", 1, _aged(1.5)),
    Rule("rounded_amount", 2, _aged(1.5, _BY_THE_HOUR)),
    Rule("lost_line", 1, lambda cycle, now: _aged(1.5, _BY_THE_HOUR)(cycle, now)
         and len(cycle.contract.team) > 2),
    Rule("wrong_currency", 1, lambda cycle, now: _aged(1.5)(cycle, now)
         and cycle.contract.entity.currency != "USD"),
    Rule("not_approved", 2, _aged(1.5, _BY_THE_HOUR)),
    Rule("past_middleware", 1, _calm(1.5)),
    Rule("invoiced_too_soon", 2, _calm(1.5)),
    Rule("approved_by_oneself", 2, _aged(1.5, (*_BY_THE_HOUR, "expenses"))),
    Rule("changed_after_sending", 2, _aged(1.5, _BY_THE_HOUR)),
    Rule("submitted_twice", 2, _aged(1.5, _BY_THE_HOUR)),
    Rule("claimed_twice", 2, _aged(1.5, ("expenses",))),
    Rule("recognized_too_soon", 1, _calm(6, ("milestone_billing", "fixed_fee"))),
    Rule("recognized_wrongly", 1, lambda cycle, now: cycle.process == "retainer"
         and cycle.period.books_close < now),
    Rule("merged_in_a_circle", 1, lambda cycle, now: _aged(1.5, _BY_THE_HOUR)(cycle, now)
         and len(cycle.contract.team) > 2),
    # Near misses: they look like one of the above and are none.
    Rule("retry_heals", 12, _aged(1.0)),
    Rule("credit_and_rebill", 2, _netsuite),
    Rule("part_credited", 3, _calm(3)),
    Rule("similar_entries", 4, _aged(1.0, _BY_THE_HOUR)),
    Rule("withdrawn_after_approval", 2, _aged(1.5, _BY_THE_HOUR)),
    Rule("same_hours_next_day", 3, _aged(1.0, _BY_THE_HOUR)),
    Rule("approved_by_delegate", 2, _aged(1.0, (*_BY_THE_HOUR, "expenses"))),
    Rule("approval_came_late", 2, _calm(6, _BY_THE_HOUR)),
    Rule("one_taxi_two_claims", 2, _aged(1.0, ("expenses",))),
    Rule("claim_withdrawn", 1, _aged(1.0, ("expenses",))),
    Rule("double_post_reversed", 1, _calm(3)),
    Rule("rounded_by_a_cent", 3, _aged(1.5)),
    Rule("split_invoice", 2, _calm(3)),
)  # fmt: skip

CONTRACT_FAULTS: tuple[tuple[str, int, Callable[[Contract], bool]], ...] = (
    ("project_late_in_erp", 2, lambda contract: contract.engagement == "time_and_materials"),
    ("project_twice", 1, lambda contract: contract.engagement == "percent_complete"),
    ("value_mistyped", 2, lambda contract: contract.amended is None),
    ("over_budget", 1, lambda contract: contract.engagement == "time_and_materials"),
    ("manual_invoice", 2, lambda contract: True),
    ("manual_journal", 1, lambda contract: True),
    # A near miss: an engagement nobody declared still has the default process of its type.
    ("new_pricing_model", 1, lambda contract: contract.engagement == "milestone"),
    ("booked_today", 1, lambda contract: contract.engagement == "fixed_fee"),
    ("usage_pricing", 1, lambda contract: contract.engagement == "managed_service"),
    ("legacy_sender", 1, lambda contract: contract.entity.id == "DE01"),
)


class Plan:
    """Which fault strikes where. Placed before anything happens, from the seed alone."""

    def __init__(self) -> None:
        self._cycles: dict[tuple[str, str], str] = {}
        self._contracts: dict[str, str] = {}

    def of_cycle(self, cycle: Cycle) -> str:
        """Name of the fault that strikes this cycle, or nothing."""
        return self._cycles.get((cycle.process, cycle.name), "")

    def of_contract(self, contract: Contract) -> str:
        return self._contracts.get(contract.id, "")

    @classmethod
    def drawn(cls, rng: Random, scale: float, now: datetime, all_cycles: list[Cycle]) -> Plan:
        """Place every fault, the pickiest first so that each finds a place even in a small firm."""
        plan = cls()
        plan._draw_contracts(rng, scale, all_cycles)
        fitting = {
            rule.name: [cycle for cycle in all_cycles if rule.fits(cycle, now)] for rule in RULES
        }
        for rule in sorted(RULES, key=lambda rule: len(fitting[rule.name]) / rule.count):
            wanted = max(1, round(rule.count * scale))
            candidates = fitting[rule.name]
            rng.shuffle(candidates)
            for cycle in candidates:
                place = (cycle.process, cycle.name)
                # A contract with a fault of its own keeps its cycles clean.
                if place in plan._cycles or cycle.contract.id in plan._contracts:
                    continue
                if wanted == 0:
                    break
                plan._cycles[place] = rule.name
                wanted -= 1
        return plan

    def _draw_contracts(self, rng: Random, scale: float, all_cycles: list[Cycle]) -> None:
        contracts = list({cycle.contract.id: cycle.contract for cycle in all_cycles}.values())
        for name, count, fits in CONTRACT_FAULTS:
            wanted = max(1, round(count * scale))
            candidates = [one for one in contracts if fits(one) and one.id not in self._contracts]
            rng.shuffle(candidates)
            for contract in candidates[:wanted]:
                self._contracts[contract.id] = name
