"""What findings have in common: one cause of many, with all that it holds up."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from alerts.finding import KINDS
from revtrace.operations import Operation, Params, Progress, instant_of
from revtrace.operations.findings import ANY_STATUS, one_of

if TYPE_CHECKING:
    from revtrace.wiring import App

STATUSES = ("open", "waived", "resolved", ANY_STATUS)


def run(app: "App", params: Params, progress: Progress) -> dict[str, Any]:
    """Those that are open, the most severe and frequent first, unless a status is given."""
    kind, _, subkind = (params.get("kind") or "").partition("/")
    one_of("kind", kind, KINDS)
    if subkind and KINDS[kind]:
        one_of("kind", subkind, KINDS[kind])
    status = one_of("status", params.get("status") or "open", STATUSES)
    found = app.reader.causes(
        instant_of(app, params), kind=kind, status="" if status == ANY_STATUS else status
    )
    chosen = [each for each in found if not subkind or each["subkind"] == subkind]
    shown = [_named(each) for each in chosen[: params.get("limit")]]
    return {"causes": shown, "total": len(chosen)}


def _named(cause: Mapping[str, Any]) -> dict[str, Any]:
    """The amounts and days of a cause, each by name."""
    amounts = [{"currency": currency, "amount": total} for currency, total in cause["amounts"]]
    days = [{"day": day, "findings": count} for day, count in cause["per_day"]]
    return {**cause, "amounts": amounts, "per_day": days}


OPERATIONS: dict[str, Operation] = {"run": run}
