"""What surrounds the billing: how contracts come into the systems, change, and are recognized.

Also here: faults that concern a contract as a whole, and postings that no work stands behind.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from revtrace.simulate.answer_key import Root, Seeded
from revtrace.simulate.cycles import Cycle
from revtrace.simulate.firm import CRM, PSA, Contract
from revtrace.simulate.ledger import Invoice, Ledger
from revtrace.simulate.quarter import at_local, next_workday
from revtrace.simulate.tape import Fact, Key, Link, Money
from revtrace.simulate.world import World, context_of, contract_key, project_key

_LATE_PROJECT_DAYS = 9
_SMALL_BUDGET = Decimal("9500.00")
# For so long an object of the ERP may be without the work that it stands for.
ORPHAN_GRACE = timedelta(hours=24)
_AMENDMENT = Decimal("0.15")


def set_up(world: World, contract: Contract) -> Root:
    """From the won opportunity to the project and the customer in the ERP; returns its root."""
    zone, fault = contract.entity.zone, world.plan.of_contract(contract)
    value = _SMALL_BUDGET if fault == "over_budget" else contract.value
    money = Money(value, contract.entity.currency, "contract_value")
    root = Root(
        ("opportunity", f"OPP-{contract.number:05}"), "project_setup", value, money.currency
    )
    won = at_local(contract.signed, world.hours(8.8, 9.8), zone)
    base = context_of(contract, contract_version="1", actor=contract.manager)
    seen = Fact(CRM, root.key, "won", won, base, replace(money, measure=""))
    world.tell(replace(seen, action="created", at=won - timedelta(days=20, hours=2), money=None))
    world.reach([root], "won", seen)
    signed = Fact(
        CRM, contract_key(contract), "activated", won + world.minutes(40, 100), base, money
    )
    signed = replace(signed, links=(Link(root.key),), version="1")
    signed = replace(signed, attributes={"customer_name": contract.customer_name})
    world.reach([root], "contracted", signed)
    run = world.token()
    in_psa = Fact(PSA, project_key(contract), "created", signed.at + world.minutes(40, 100), base)
    in_psa = replace(in_psa, money=money, links=(Link(signed.key),), correlation=run)
    world.reach([root], "project_in_psa", in_psa)
    if fault == "project_twice":
        _create_twice(world, contract, root, in_psa)
    at = in_psa.at + world.minutes(5, 40)
    if fault == "project_late_in_erp":
        at = at_local(contract.starts + timedelta(days=_LATE_PROJECT_DAYS), 11.0, zone)
    in_erp = replace(in_psa, source=contract.entity.erp, at=at, links=())
    if fault == "value_mistyped":
        in_erp = replace(in_erp, money=replace(money, amount=value * 10))
    told = world.reach([root], "project_in_erp", in_erp)
    customer = Fact(
        in_erp.source, ("customer", contract.customer), "created", at + world.minutes(3, 30), base
    )
    customer = replace(customer, links=(Link(in_erp.key),), correlation=run)
    world.reach([root], "customer_in_erp", customer)
    _note_setup(world, contract, root, in_erp, told)
    return root


def _note_setup(world: World, contract: Contract, root: Root, in_erp: Fact, told: bool) -> None:
    fault = world.plan.of_contract(contract)
    seeded = Seeded(fault, "", "", (in_erp.key,), in_erp.at, (root,), root.amount, root.currency)
    seeded = replace(seeded, contract=contract.id)
    if fault == "project_late_in_erp":
        late = replace(seeded, kind="sla_breach", subkind="late", stage="project_in_erp")
        world.seed(told, replace(late, process=root.process, status="resolved", consequence=True))
    elif fault == "value_mistyped":
        world.seed(
            told, replace(seeded, kind="reconciliation_break", subkind="contract_value_agrees")
        )
    elif fault == "over_budget":
        over = replace(seeded, kind="reconciliation_break", subkind="billing_within_contract")
        world.seed(told, replace(over, objects=(contract_key(contract),)))


def _create_twice(world: World, contract: Contract, root: Root, first: Fact) -> None:
    second = replace(
        first, key=("project", f"{contract.project}-B"), at=first.at + world.minutes(2, 9)
    )
    told = world.reach([root], "project_in_psa", second)
    pair = (first.key, second.key)
    seeded = Seeded("project_twice", "duplicate", "business", pair, second.at, (root,))
    world.seed(told, replace(seeded, source=PSA))
    overdue = replace(seeded, kind="sla_breach", subkind="overdue", objects=(second.key,))
    overdue = replace(overdue, stage="project_in_erp", process=root.process, consequence=True)
    # What waits with it is the whole contract; that there are two projects costs nothing by itself.
    world.seed(told, replace(overdue, amount=root.amount, currency=root.currency))


def note_early_starts(world: World, contract: Contract, roots: list[Root]) -> None:
    """Time approved before the ERP knew the project, where the project came late."""
    if world.plan.of_contract(contract) != "project_late_in_erp":
        return
    day = contract.starts + timedelta(days=_LATE_PROJECT_DAYS)
    known = at_local(day, 11.0, contract.entity.zone)
    for root in roots:
        approved = root.stages.get("approved")
        if approved is not None and approved < known:
            seeded = Seeded(
                "project_late_in_erp", "conformance", "early_start", (root.key,), approved, (root,)
            )
            seeded = replace(seeded, amount=root.amount, currency=root.currency)
            world.seed(True, replace(seeded, process=root.process))


def amend(world: World, contract: Contract, opportunity: Root) -> None:
    """A change order: agreed, in force everywhere, forecast and allocation adapted.

    It amends the contract, so it lies on the path of the opportunity too.
    """
    if contract.amended is None:
        return
    zone, currency = contract.entity.zone, contract.entity.currency
    added = (contract.value * _AMENDMENT).quantize(Decimal("0.01"))
    number = f"{contract.number:05}"
    root = Root(("change_order", f"CO-{number}"), "contract_change", added, currency)
    base = context_of(contract, contract_version="2", actor=contract.manager)
    start = at_local(contract.amended, world.hours(9.2, 10.2), zone)
    agreed = Fact(CRM, root.key, "approved", start, base, Money(added, currency))
    agreed = replace(agreed, context={**base, "actor": "deal-desk"})
    agreed = replace(agreed, links=(Link(contract_key(contract), "amends"),))
    asked = replace(agreed, action="submitted", at=start - timedelta(days=3, hours=1))
    world.tell(replace(asked, context=base))
    world.reach([root], "approved", agreed)
    total = Money(contract.value + added, currency, "contract_value")
    if world.plan.of_contract(contract) == "over_budget":
        total = replace(total, amount=_SMALL_BUDGET)
    in_force = Fact(
        CRM, contract_key(contract), "amended", start + world.minutes(2, 9), base, total
    )
    world.tell(replace(in_force, version="2"))
    applied = Fact(PSA, root.key, "applied", start + world.minutes(15, 30), base)
    world.reach([root], "amended", applied)
    for source in (PSA, contract.entity.erp):
        at = applied.at + world.minutes(5, 50)
        world.tell(Fact(source, project_key(contract), "amended", at, base, total))
    forecast = replace(applied, action="reforecast", at=applied.at + world.minutes(60, 150))
    world.reach([root], "reforecast", forecast)
    schedule = Fact(
        contract.entity.erp, ("revenue_schedule", f"RS-{number}-REALLOC"), "reallocated",
        forecast.at + world.minutes(30, 80), base, links=(Link(root.key),),
    )  # fmt: skip
    world.reach([root], "reallocated", schedule)
    for key in [root.key, *root.objects] if root.stages else ():
        opportunity.touch(key)
    world.key.path(root)


def recognize(world: World, cycle: Cycle, invoice: Invoice, ledger: Ledger, fault: str) -> None:
    """A retainer's revenue: deferred when invoiced, recognized on its period's last evening."""
    contract, amount = cycle.contract, cycle.contract.fee
    key = ("revenue_schedule", f"RS-{cycle.name}")
    currency = contract.entity.currency
    root = Root(key, "recognition", amount, currency)
    part_of = (Link(contract_key(contract), "part_of"), Link(cycle_root(invoice), "part_of"))
    context = {**invoice.fact.context, "actor": "svc-revenue"}
    at = invoice.fact.at + world.minutes(2, 9)
    made = Fact(
        contract.entity.erp, key, "scheduled", at, context, Money(amount, currency), part_of
    )
    world.reach([root], "scheduled", made)
    held = Money(amount, currency, "deferred")
    deferred = replace(made, action="deferred", at=at + world.minutes(5, 30), money=held, links=())
    world.reach([root], "deferred", deferred)
    evening = at_local(cycle.period.last_day, 20.0, contract.entity.zone) + world.minutes(0, 20)
    rest = Money(Decimal("0.00"), currency, "deferred")
    world.tell(replace(deferred, action="released", at=evening, money=rest))
    earned = amount * Decimal("1.1") if fault == "recognized_wrongly" else amount
    earned = earned.quantize(Decimal("0.01"))
    recognized = replace(deferred, action="recognized", at=evening + timedelta(seconds=1))
    recognized = replace(recognized, money=Money(earned, currency, "recognized"))
    told = world.reach([root], "recognized", recognized)
    root.amount = earned if told else amount
    posted_at = recognized.at + world.minutes(4, 40)
    # It follows its schedule, whatever currency the invoice was posted in.
    ledger.currency = currency
    ledger.journal([root], earned, posted_at, ((Link(key),), ""), "")
    if fault == "recognized_wrongly":
        seeded = Seeded(fault, "reconciliation_break", "deferred_rollforward", (key,), evening)
        seeded = replace(seeded, amount=earned - amount, currency=currency, roots=(root,))
        seeded = replace(seeded, contract=contract.id)
        world.seed(told, replace(seeded, process=root.process, source=made.source))
    world.key.path(root)


def recognize_too_soon(world: World, cycle: Cycle, root: Root) -> None:
    """Revenue was booked by hand days before the customer had accepted the milestone."""
    contract, at = cycle.contract, cycle.run_at - timedelta(days=5)
    key = ("journal_posting", f"JM-{cycle.name}")
    context = context_of(contract, period=cycle.period.name, actor="controller-2")
    money = Money(root.amount, root.currency, "recognized")
    fact = Fact(contract.entity.erp, key, "posted", at, context, money)
    told = world.reach([root], "posted", replace(fact, links=(Link(root.key),)))
    seeded = Seeded("recognized_too_soon", "conformance", "no_evidence", (key,), fact.at, (root,))
    seeded = replace(seeded, amount=root.amount, currency=root.currency, process=root.process)
    seeded = replace(seeded, source=fact.source)
    world.seed(told, seeded)
    # What is posted before the work is accepted is out of order as well.
    accepted = root.stages.get("approved", fact.at)
    early = replace(seeded, subkind="out_of_order", stage="posted", consequence=True)
    world.seed(told and fact.at < accepted, early)


def post_by_hand(world: World, contract: Contract) -> None:
    """Postings in the ERP that no work and no billing event stands behind."""
    fault = world.plan.of_contract(contract)
    if fault not in ("manual_invoice", "manual_journal", "booked_today"):
        return
    day = next_workday(world.quarter.periods[-1].start, 8)
    at = at_local(day, world.hours(13, 16), contract.entity.zone)
    if fault == "booked_today":
        at = world.demo - timedelta(hours=world.hours(2, 6))
    amount = (contract.fee / 4).quantize(Decimal("0.01"))
    currency = contract.entity.currency
    context = context_of(contract, period=world.quarter.period_of(day).name, actor="ar-clerk-4")
    invoice: Key = ("invoice", f"INV-{contract.entity.id}-M{contract.number:05}")
    journal: Key = ("journal_posting", f"JE-M{contract.number:05}")
    fact = Fact(
        contract.entity.erp, invoice, "posted", at, context, Money(amount, currency, "billed")
    )
    seeded = Seeded(fault, "missing_source", "orphan_posting", (invoice,), at, (), amount, currency)
    seeded = replace(seeded, source=fact.source)
    if fault == "booked_today" and at + ORPHAN_GRACE > world.now:
        if world.tell(fact):
            why = "the reference to its work has a day to follow"
            world.near_miss(fault, why, at, invoice)
        return
    if fault != "manual_journal":
        world.seed(world.tell(fact) and at + ORPHAN_GRACE <= world.now, seeded)
    if fault == "booked_today":
        return
    posting = replace(fact, key=journal, at=at + timedelta(minutes=9))
    posting = replace(posting, money=Money(amount, currency, "recognized"))
    if fault == "manual_invoice":
        posting = replace(posting, links=(Link(invoice),))
    consequence = fault == "manual_invoice"
    told = world.tell(posting) and posting.at + ORPHAN_GRACE <= world.now
    world.seed(told, replace(seeded, objects=(journal,), when=posting.at, consequence=consequence))


def cycle_root(invoice: Invoice) -> Key:
    """The one root that a retainer's invoice bills."""
    return invoice.roots[0].key
