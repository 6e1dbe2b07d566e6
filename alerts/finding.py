"""A finding as alerts sees it: what lineage's reader returns, checked at the door, and as JSON and
back.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

SEVERITIES = ("info", "warning", "critical")
CLASSES = ("transient", "finance_critical", "governance")
# DESIGN section 6; a rule that names another kind or subkind is refused at start.
KINDS: Mapping[str, frozenset[str]] = {
    "sla_breach": frozenset({"overdue", "late", "cutoff"}),
    "failed_event": frozenset(
        {
            "mapping",
            "rate_card",
            "customer_terms",
            "tax",
            "legal_entity",
            "validation",
            "period_closed",
            "auth",
            "rate_limit",
            "timeout",
            "connection",
            "unknown",
        }
    ),
    "duplicate": frozenset({"conflict", "posting", "business"}),
    "missing_source": frozenset({"orphan_posting"}),
    "conformance": frozenset(
        {
            "out_of_order",
            "skipped_stage",
            "late_approval",
            "stale_terms",
            "early_start",
            "no_evidence",
            "self_approval",
        }
    ),
    "value_break": frozenset(),
    "reconciliation_break": frozenset(),
    "silent_source": frozenset(),
    "governance": frozenset(
        {
            "unknown_source",
            "correlation_reused",
            "link_cycle",
            "no_process",
            "unmapped_field",
            "schema_drift",
        }
    ),
}
# Somebody who acknowledged a finding is on it: it needs attention still, but nobody is told of it.
ACTIVE = frozenset({"open", "acknowledged"})
FIELDS = (
    "finding_id",
    "kind",
    "subkind",
    "class",
    "severity",
    "status",
    "object",
    "process",
    "stage",
    "source",
    "legal_entity",
    "roots",
    "root_sample",
    "amount",
    "currency",
    "first_seen",
    "last_seen",
    "clock_start",
    "due_at",
    "resolved_by",
    "evidence",
    "explanation",
    "rule",
    "rule_version",
    "runbook",
    "cause",
)
ROOT_SAMPLE_MAX = 20
EVIDENCE_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding at one moment. `finding_class` is the column `class`."""

    finding_id: str
    kind: str
    subkind: str
    finding_class: str
    severity: str
    status: str
    object: str
    first_seen: datetime
    process: str = ""
    stage: str = ""
    source: str = ""
    legal_entity: str = ""
    roots: int = 0
    root_sample: tuple[str, ...] = ()
    amount: Decimal | None = None
    currency: str = ""
    last_seen: datetime | None = None
    clock_start: datetime | None = None
    due_at: datetime | None = None
    resolved_by: str = ""
    evidence: tuple[str, ...] = ()
    explanation: str = ""
    rule: str = ""
    rule_version: str = ""
    runbook: str = ""
    cause: str = ""

    @property
    def active(self) -> bool:
        """Whether it still needs attention: neither resolved nor waived."""
        return self.status in ACTIVE

    @property
    def acknowledged(self) -> bool:
        """Whether somebody is on it, so that only its end is news."""
        return self.status == "acknowledged"

    @property
    def fingerprint(self) -> str:
        """Hash of what people act on; while it stays the same, nobody is told again.

        Roots, evidence and last_seen grow with every event of a busy object and are left out on
        purpose.
        """
        amount = "" if self.amount is None else f"{self.amount.normalize():f}"
        facts = [self.severity, self.finding_class, amount, self.currency]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]

    def field(self, name: str) -> str:
        """The text of a field by its column name, as grouping uses it."""
        return str(getattr(self, "finding_class" if name == "class" else name))


def severity_rank(severity: str) -> int:
    """Place of a severity; one that nobody knows ranks highest, so that it is never kept quiet."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def finding_of(row: Mapping[str, Any]) -> Finding:
    """Make a finding of a row of lineage's reader; raises KeyError when a key that is always there
    is not.
    """
    amount = row.get("amount")
    return Finding(
        finding_id=str(row["finding_id"]),
        kind=row["kind"],
        subkind=row["subkind"],
        finding_class=row["class"],
        severity=row["severity"],
        status=row["status"],
        object=row["object"],
        first_seen=row["first_seen"],
        process=row.get("process") or "",
        stage=row.get("stage") or "",
        source=row.get("source") or "",
        legal_entity=row.get("legal_entity") or "",
        roots=int(row.get("roots") or 0),
        root_sample=tuple(row.get("root_sample") or ())[:ROOT_SAMPLE_MAX],
        amount=None if amount is None else Decimal(amount),
        currency=row.get("currency") or "",
        last_seen=row.get("last_seen"),
        clock_start=row.get("clock_start"),
        due_at=row.get("due_at"),
        resolved_by=row.get("resolved_by") or "",
        evidence=tuple(row.get("evidence") or ())[:EVIDENCE_MAX],
        explanation=row.get("explanation") or "",
        rule=row.get("rule") or "",
        rule_version=row.get("rule_version") or "",
        runbook=row.get("runbook") or "",
        cause=row.get("cause") or "",
    )


def to_json(finding: Finding) -> dict[str, Any]:
    """The finding with the names of DESIGN section 6; amounts are strings, instants RFC 3339 in
    UTC.
    """
    return {
        name: _plain(getattr(finding, "finding_class" if name == "class" else name))
        for name in FIELDS
    }


def from_json(text: str) -> Finding:
    """Undo `to_json`, for what the journal keeps."""
    row = json.loads(text)
    for name in ("first_seen", "last_seen", "clock_start", "due_at"):
        if row[name]:
            row[name] = datetime.fromisoformat(row[name])
    return finding_of(row)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return list(value) if isinstance(value, tuple) else value
