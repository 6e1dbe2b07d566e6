"""The answer key: what really went wrong, what only looks wrong, and the path of every root.

It is written beside the events and says what happened, not what a detector should compute: each
fault names the kind of finding that a careful controller would write down for it.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from revtrace.simulate.tape import Key, cents, floored, key_text, stamp

# The kind of finding that somebody who looks too quickly would make of it.
LOOKS_LIKE = {
    "approved_by_delegate": "conformance/self_approval",
    "approval_came_late": "conformance/out_of_order",
    "arrived_late": "conformance/out_of_order",
    "booked_today": "missing_source/orphan_posting",
    "claim_withdrawn": "duplicate/business",
    "credit_and_rebill": "duplicate/posting",
    "double_post_reversed": "duplicate/posting",
    "new_pricing_model": "governance/no_process",
    "one_taxi_two_claims": "duplicate/business",
    "outbox_replayed": "duplicate/conflict",
    "part_credited": "value_break/",
    "quiet_days": "silent_source/",
    "retry_heals": "failed_event/rate_limit",
    "rounded_by_a_cent": "value_break/",
    "same_fee_again": "duplicate/posting",
    "same_hours_next_day": "duplicate/business",
    "sent_back": "conformance/self_approval",
    "similar_entries": "duplicate/business",
    "split_invoice": "duplicate/posting",
    "withdrawn_after_approval": "sla_breach/overdue",
}


@dataclass
class Root:
    """A revenue event as it really went: the truth that lineage is compared with."""

    key: Key
    process: str
    amount: Decimal
    currency: str
    project: str = ""
    resource: str = ""
    stages: dict[str, datetime] = field(default_factory=dict)
    objects: list[Key] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    cancelled: bool = False

    def reach(self, stage: str, at: datetime, key: Key | None = None) -> None:
        """The stage was seen ok on `key`; the first time is the one that counts."""
        at = floored(at)
        self.stages[stage] = min(at, self.stages.get(stage, at))
        if key is not None:
            self.touch(key)

    def touch(self, key: Key) -> None:
        if key != self.key and key not in self.objects:
            self.objects.append(key)


@dataclass(frozen=True)
class Seeded:
    """One seeded fault and the finding it deserves.

    `consequence` marks findings that follow from another fault (a duplicated invoice also breaks
    the value of its hop): right to find, never the cause.
    """

    fault: str
    kind: str
    subkind: str
    objects: tuple[Key, ...]
    when: datetime
    roots: tuple[Root, ...] = ()
    amount: Decimal | None = None
    currency: str = ""
    stage: str = ""
    process: str = ""
    source: str = ""
    contract: str = ""  # of a broken control, whose row is about the contract
    status: str = "open"
    consequence: bool = False


def found_on(seeded: Seeded) -> list[str]:
    """Keys of the objects that the finding, or each of several, names as its own (DESIGN section
    6): the smaller one of a pair, the revenue events of a stage that was late, else each object.
    """
    if (seeded.kind, seeded.subkind) == ("sla_breach", "late"):
        return [key_text(root.key) for root in seeded.roots]
    keys = [key_text(key) for key in seeded.objects]
    if seeded.kind == "duplicate" or seeded.subkind == "link_cycle":
        return [min(keys, key=str.encode)]
    return keys


class AnswerKey:
    """Collects faults and near misses, and writes each root's path as soon as it is known."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: IO[str] = (folder / "paths.ndjson").open("w", encoding="utf-8")
        self._faults: list[dict[str, Any]] = []
        self._near_misses: list[dict[str, Any]] = []
        self._refused: list[dict[str, str]] = []
        # Every comparison of the books, with the faults behind each that does not come out.
        self.controls: list[dict[str, Any]] = []
        self.paths = 0

    def fault(self, seeded: Seeded) -> None:
        """Note a fault, on its roots too."""
        written = asdict(seeded)
        number = f"F{len(self._faults) + 1:05}"
        written["objects"] = [key_text(key) for key in seeded.objects]
        written["found_on"] = found_on(seeded)
        written["roots"] = [key_text(root.key) for root in seeded.roots]
        written["amount"] = None if seeded.amount is None else str(cents(seeded.amount))
        written["when"] = stamp(seeded.when)
        self._faults.append({"id": number, **written})
        for root in seeded.roots:
            root.faults.append(number)

    def near_miss(self, name: str, why: str, when: datetime, *keys: Key) -> None:
        """Note something that looks wrong and is not."""
        self._near_misses.append(
            {
                "near_miss": name,
                "looks_like": LOOKS_LIKE[name],
                "why": why,
                "when": stamp(when),
                "objects": [key_text(key) for key in keys],
            }
        )

    def refused(self, key: Key, source: str, field_name: str) -> None:
        """Note a record that no collector can take, and the field for which it cannot."""
        self._refused.append({"object": key_text(key), "source": source, "field": field_name})

    def path(self, root: Root) -> None:
        """Write a root's path, unless nothing of it has happened yet."""
        if not root.stages:
            return
        self.paths += 1
        line = {
            "root": key_text(root.key),
            "process": root.process,
            "objects": [key_text(key) for key in [root.key, *root.objects]],
            "stages_reached": {name: stamp(at) for name, at in root.stages.items()},
            "amount": str(cents(root.amount)),
            "currency": root.currency,
            "cancelled": root.cancelled,
            "faults": root.faults,
        }
        self._paths.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")

    def counts(self) -> dict[str, int]:
        """Seeded findings by `kind/subkind`, consequences left out."""
        found = Counter(
            f"{fault['kind']}/{fault['subkind']}"
            for fault in self._faults
            if not fault["consequence"]
        )
        return dict(sorted(found.items()))

    def near_miss_counts(self) -> dict[str, int]:
        return dict(sorted(Counter(miss["near_miss"] for miss in self._near_misses).items()))

    def close(self, header: dict[str, Any]) -> None:
        self._paths.close()
        written = {**header, "faults": self._faults, "near_misses": self._near_misses}
        written["refused"] = self._refused
        written["controls"] = self.controls
        text = json.dumps(written, ensure_ascii=False, indent=1) + "\n"
        (self._folder / "answer_key.json").write_text(text, encoding="utf-8")
