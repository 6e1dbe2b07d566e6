"""Alert rules: which findings somebody must hear of, and through which channels. One TOML file a
rule.

A rule takes a finding when every filter it has says yes; a filter it does not have says yes to all.
How to write one: docs/how-to/add-an-alert-rule.md.
"""

import hashlib
import re
from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from alerts.finding import CLASSES, KINDS, SEVERITIES, Finding, severity_rank
from core.declaration import Table, read_overlaid

SHIPPED = Path(__file__).parent / "rules"
GROUP_FIELDS = (
    "finding_id",
    "kind",
    "subkind",
    "class",
    "object",
    "process",
    "stage",
    "source",
    "cause",
    "legal_entity",
    "currency",
)
OTHER_CURRENCY = "other"
REPEAT_MIN = timedelta(minutes=1)

_AMOUNT = re.compile(r"[0-9]{1,14}(?:[.][0-9]{1,4})?\Z", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}\Z", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `version` changes exactly when the meaning of the file changes."""

    name: str
    channels: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    subkinds: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    severity: str = SEVERITIES[0]
    min_amount: tuple[tuple[str, Decimal], ...] = ()
    hold: timedelta = timedelta(0)
    repeat: timedelta | None = None
    group_by: tuple[str, ...] = ()
    enabled: bool = True
    version: str = ""

    def takes(self, finding: Finding) -> bool:
        """Whether the filters take this finding, whatever its status and age."""
        return (
            (not self.kinds or finding.kind in self.kinds)
            and (not self.subkinds or finding.subkind in self.subkinds)
            and (not self.classes or finding.finding_class in self.classes)
            and (not self.processes or finding.process in self.processes)
            and (not self.stages or finding.stage in self.stages)
            and severity_rank(finding.severity) >= severity_rank(self.severity)
            and self._large_enough(finding)
        )

    def _large_enough(self, finding: Finding) -> bool:
        """A currency without a limit has none: being told too much is better than missing money."""
        if not self.min_amount:
            return True
        if finding.amount is None:
            return False
        limits = dict(self.min_amount)
        least = limits.get(finding.currency, limits.get(OTHER_CURRENCY, Decimal(0)))
        return abs(finding.amount) >= least


def load_rules(overlay: Path | None = None, *, channels: Collection[str]) -> dict[str, Rule]:
    """Shipped rules by name, with those of the overlay folder added; rules that are off are left
    out.

    A file of `overlay` (which may be absent) replaces the shipped file of the same stem and the
    shipped rule of the same name. `channels` are the notifiers there are. Raises ConfigInvalid.
    """
    ours, theirs = read_overlaid(SHIPPED, overlay)
    found = {**_by_name(ours.values(), channels), **_by_name(theirs.values(), channels)}
    return {name: found[name] for name in sorted(found) if found[name].enabled}


def _by_name(files: Iterable[Table], channels: Collection[str]) -> dict[str, Rule]:
    found: dict[str, tuple[str, Rule]] = {}
    for file in files:
        rule = _read_rule(file, channels)
        if rule.name in found:
            file.refuse("name", f"'{rule.name}' is taken by {found[rule.name][0]}", "Rename one")
        found[rule.name] = (file.file, rule)
    return {name: rule for name, (_, rule) in found.items()}


def _read_rule(file: Table, channels: Collection[str]) -> Rule:
    name = file.word("name")
    enabled = file.flag("enabled", True)
    kinds = file.words("kinds", KINDS, needed=False)
    facts: dict[str, Any] = {
        "name": name,
        "enabled": enabled,
        "channels": file.words("channels", channels, needed=enabled),
        "kinds": kinds,
        "subkinds": file.words("subkinds", _subkinds(kinds), needed=False),
        "classes": file.words("classes", CLASSES, needed=False),
        "processes": file.words("processes", needed=False),
        "stages": file.words("stages", needed=False),
        "severity": file.one_of("severity", SEVERITIES, SEVERITIES[0]),
        "min_amount": _read_min_amount(file),
        "hold": file.duration("for") or timedelta(0),
        "repeat": file.duration("repeat"),
        "group_by": file.words("group_by", GROUP_FIELDS, needed=False),
    }
    file.close()
    if facts["repeat"] is not None and facts["repeat"] < REPEAT_MIN:
        file.refuse("repeat", "is shorter than a minute", "Nobody reads that often: '4h', '1d'")
    rule = Rule(**facts)
    digest = hashlib.sha256(repr(astuple(rule)).encode()).hexdigest()[:16]
    return Rule(**facts, version=digest)


def _subkinds(kinds: Iterable[str]) -> set[str]:
    """Subkinds a rule may name: those of its kinds, or of any kind when it names none."""
    return set().union(*(KINDS[kind] for kind in (tuple(kinds) or KINDS)))


def _read_min_amount(file: Table) -> tuple[tuple[str, Decimal], ...]:
    """A table of least amounts by currency, `other` for those it does not name: 10000 JPY are no
    10000 EUR.
    """
    table = file.table("min_amount")
    if table is None:
        return ()
    limits: dict[str, Decimal] = {}
    for currency in table.keys():  # noqa: SIM118 - Table is no dict
        if currency != OTHER_CURRENCY and not _CURRENCY.match(currency):
            table.refuse(
                currency, "is no currency", f"Write an ISO 4217 code or '{OTHER_CURRENCY}'"
            )
        limits[currency] = _amount(table, currency)
    if not limits:
        file.refuse("min_amount", "names no currency", "Name one, or leave the table out")
    return tuple(sorted(limits.items()))


def _amount(table: Table, key: str) -> Decimal:
    text = table.text(key)
    if not _AMOUNT.match(text):
        table.refuse(key, f"{text!r} is no amount", "Write it as a string like '10000' or '0.50'")
    return Decimal(text)
