"""What needs attention."""

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from alerts.finding import CLASSES, KINDS
from core.errors import BadInput
from revtrace.operations import Operation, Params, Progress
from revtrace.past import asked

if TYPE_CHECKING:
    from revtrace.wiring import App

AMOUNT_MAX = Decimal(10) ** 14
ANY_STATUS = "all"
STATUSES = ("open", "acknowledged", "active", "resolved", "waived", ANY_STATUS)
# What needs nobody any more.
SETTLED = ("resolved", "waived")


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """The most severe and largest first; all of them unless `limit` is given."""
    kind, _, subkind = (params.get("kind") or "").partition("/")
    one_of("kind", kind, KINDS)
    # A break is told by the name of its control, which anybody may add.
    if subkind and KINDS[kind]:
        one_of("kind", subkind, KINDS[kind])
    status = one_of("status", params.get("status") or ANY_STATUS, STATUSES)
    finding_class = one_of("class", params.get("class") or "", CLASSES)
    amount = _amount(params.get("min_amount"))
    with asked(app, params, progress) as (reader, now, known):
        every = reader.findings(
            now,
            kind=kind,
            status="" if status == ANY_STATUS else status,
            finding_class=finding_class,
            min_amount=amount,
        )
    chosen = [each for each in every if not subkind or each["subkind"] == subkind]
    active = sum(each["status"] not in SETTLED for each in chosen)
    found = {"findings": chosen[: params.get("limit")], "total": len(chosen), "active": active}
    return found | known


def one_of(option: str, given: str, known: Any) -> str:
    """Return the value of an option; raises BadInput where it is given and not known."""
    if given and given not in known:
        raise BadInput(f"--{option} {given}", "is unknown", f"Use one of {', '.join(known)}")
    return given


def _amount(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount < AMOUNT_MAX:
        raise BadInput(f"--min-amount {text}", "is no amount", "Write it like 1000 or 1000.50")
    # Without an exponent, which the engine would not read.
    return Decimal(format(amount, "f"))


OPERATIONS: dict[str, Operation] = {"run": run}
