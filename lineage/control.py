"""CONTRACT of a control: one TOML file that says which money of which systems must agree.

This module reads and checks the files of `lineage/controls/` and of an overlay folder; it knows
nothing of events. How a control is worked out is in `lineage.reconcile`, what its keys mean in
docs/reconciliation.md. Several controls may ask for the same money; it is then summed up once.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Literal, cast, get_args

from core.declaration import Table, read_overlaid
from lineage.process import ROLES

SHIPPED = Path(__file__).parent / "controls"
MEASURES = (
    "contract_value",
    "approved",
    "billed",
    "deferred",
    "recognized",
    "written_off",
    "collected",
)
Compare = Literal["eq", "le", "ge"]
Kind = Literal["movement", "cumulative", "balance", "total"]
Credits = Literal["less", "kept"]
Periods = Literal["each", "latest"]
WarnFrom = Literal["at_once", "billing_cutoff", "books_close"]
ROLE_WORDS = {"crm": "CRM", "psa": "PSA", "hcm": "HCM", "erp": "ERP"}
RIGHTS_MAX = 10
GRAIN = ("contract", "currency", "period", "legal_entity")
# Money is kept with four digits.
AMOUNT_DIGITS = 4
ANY = "*"

_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_AMOUNT = re.compile(r"[0-9]{1,14}([.][0-9]{1,4})?\Z")


@dataclass(frozen=True, slots=True)
class Money:
    """Which money is summed up: a measure as the systems of some roles tell it.

    A balance is what an object stands at, so its changes are summed; of anything else an object
    has one amount. Credits `kept`: what a credit memo takes off in part does not count.
    """

    measure: str
    roles: tuple[str, ...]
    balance: bool
    credits: Credits


@dataclass(frozen=True, slots=True)
class Term:
    """Money over some stretch of time: of the period, up to its end, or of all periods."""

    money: Money
    kind: Kind


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a control: a term, and another that is taken off it."""

    term: Term
    less: Term | None = None

    @property
    def title(self) -> str:
        """`billed in erp less recognized in erp`, for people."""
        words = _words(self.term)
        return f"{words} less {_words(self.less)}" if self.less else words


@dataclass(frozen=True, slots=True)
class Control:
    """One control. `version` changes exactly when the meaning of the file changes."""

    name: str
    title: str
    compare: Compare
    left: Side
    rights: tuple[Side, ...]
    # By `entity/currency`, each of which may be `*`; the most exact one counts.
    tolerance: tuple[tuple[str, Decimal], ...]
    periods: Periods = "each"
    warn_from: WarnFrom = "at_once"
    # Only where the right side knows of any money at all.
    only_known: bool = False
    version: str = ""

    def terms(self) -> Iterable[Term]:
        for side in (self.left, *self.rights):
            yield side.term
            if side.less is not None:
                yield side.less


def load_controls(overlay: Path | None = None) -> dict[str, Control]:
    """Shipped controls by name, with those of the overlay folder added.

    `overlay` is the folder that holds the files (it may be absent). A file there replaces the
    shipped file of the same stem and the shipped control of the same name. Raises ConfigInvalid.
    """
    ours, theirs = read_overlaid(SHIPPED, overlay)
    found = {**_by_name(ours.values()), **_by_name(theirs.values())}
    return {name: found[name] for name in sorted(found)}


def _by_name(files: Iterable[Table]) -> dict[str, Control]:
    found: dict[str, Control] = {}
    for file in files:
        control = _read_control(file)
        if control.name in found:
            file.refuse("name", f"'{control.name}' is taken by another file of this folder")
        found[control.name] = control
    return found


def _read_control(file: Table) -> Control:
    name = file.word("name")
    title = file.text("title", name.replace("_", " ").capitalize())
    compare = cast(Compare, file.one_of("compare", get_args(Compare)))
    _check_grain(file)
    left = file.table("left")
    if left is None:
        file.refuse("left", "is missing", "Add a table [left] with measure and roles")
    rights = file.tables("right")
    if len(rights) > RIGHTS_MAX:
        file.refuse("right", f"has more than {RIGHTS_MAX} sides")
    control = Control(
        name=name,
        title=title,
        compare=compare,
        left=_read_side(left),
        rights=tuple(_read_side(right) for right in rights),
        tolerance=_read_tolerance(file.table("tolerance")),
        periods=cast(Periods, file.one_of("periods", get_args(Periods), "each")),
        warn_from=cast(WarnFrom, file.one_of("warn_from", get_args(WarnFrom), "at_once")),
        only_known=file.flag("only_known", False),
    )
    file.close()
    _check_periods(file, control)
    digest = hashlib.sha256(repr(astuple(control)[:-1]).encode()).hexdigest()[:16]
    return replace(control, version=digest)


def _check_grain(file: Table) -> None:
    """The grain is fixed; a file may say so, and may not say otherwise."""
    if file.has("grain") and set(file.words("grain", GRAIN, needed=True)) != set(GRAIN):
        file.refuse("grain", "every control has the same grain", f"Write {', '.join(GRAIN)}")


def _check_periods(file: Table, control: Control) -> None:
    """The newest period alone says nothing of money that moves period by period."""
    if control.periods == "latest" and any(term.kind == "movement" for term in control.terms()):
        file.refuse(
            "periods",
            "'latest' leaves earlier movements out",
            "Give every side kind = 'total', 'cumulative' or 'balance', or take 'each'",
        )


def _read_side(table: Table) -> Side:
    less = table.table("less")
    side = Side(_read_term(table), None if less is None else _read_term(less))
    for part in filter(None, (table, less)):
        part.close()
    return side


def _read_term(table: Table) -> Term:
    measure = table.one_of("measure", MEASURES)
    roles = table.words("roles", ROLES, needed=True)
    usual = "balance" if measure == "deferred" else "movement"
    kind = cast(Kind, table.one_of("kind", get_args(Kind), usual))
    credits_ = cast(Credits, table.one_of("credits", get_args(Credits), "less"))
    if kind == "balance" and table.has("credits"):
        table.refuse("credits", "a balance changes only by the next balance", "Remove the key")
    return Term(Money(measure, tuple(sorted(roles)), kind == "balance", credits_), kind)


def _read_tolerance(table: Table | None) -> tuple[tuple[str, Decimal], ...]:
    found = {f"{ANY}/{ANY}": Decimal("0.01")}
    if table is not None:
        _read_amounts(table, ANY, found)
        entities = table.table("entity")
        for name in entities.keys() if entities is not None else ():
            assert entities is not None
            entity = entities.table(name)
            assert entity is not None
            _read_amounts(entity, name, found)
            entity.close()
        table.close()
    return tuple(sorted(found.items()))


def _read_amounts(table: Table, entity: str, found: dict[str, Decimal]) -> None:
    names = table.keys()
    for key in names:
        if key == "entity" and entity == ANY:
            continue
        if key != "default" and not _CURRENCY.match(key):
            table.refuse(key, "is no currency", "Write 'default', or a currency like 'USD'")
        text = table.text(key)
        if not _AMOUNT.match(text):
            table.refuse(key, f"'{text}' is no amount", "Write it as a string like '0.01'")
        found[f"{entity}/{ANY if key == 'default' else key}"] = Decimal(text)


def _words(term: Term) -> str:
    roles = (ROLE_WORDS.get(role, role) for role in term.money.roles)
    return f"{term.money.measure.replace('_', ' ')} in {' or '.join(roles)}"
