"""The failure catalogue: which error means what, and what to do about it.

One TOML file a system in `lineage/failures/`; each `[[pattern]]` matches the source, the code and
the message of a failed event by RE2. What is absent matches anything, but not all three may be.
Files are tried by name, patterns in their order, the first match counts; an error that no pattern
knows is shown as unknown, never guessed. Unknown errors that say the same but for their numbers,
ids, dates and quoted values have one fingerprint (`detectors/failure_fingerprint.sql`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.declaration import Table, read_overlaid

SHIPPED = Path(__file__).parent / "failures"
CLASSES = ("transient", "finance_critical")
MATCHED = ("source", "code", "message")
# What Python knows and RE2 does not: look-around, conditions, atomic groups, references back,
# possessive repetition, the end as \Z, and more than 999 repetitions. In a class they mean nothing.
_LACKING = re.compile(r"\(\?(?![:imsU)]|P<)|\\[1-9Z]|[*+?}]\+|\{\d*,?\d{4,}")
_CLASSES = re.compile(r"\\[^1-9Z]|(?<!\\)\[\^?\]?(?:\\.|[^\]\\])*\]")
SUBKINDS = (
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
)


@dataclass(frozen=True, slots=True)
class Example:
    """An error as the system gives it, that its pattern must match."""

    source: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class FailurePattern:
    """One known error: how it is recognised, what it is, and the advice that goes with it.

    The example is for people and tests, and no part of what the pattern means.
    """

    name: str
    source: str
    code: str
    message: str
    subkind: str
    failure_class: str
    advice: str
    example: Example | None = None

    def matches(self, error: Example) -> bool:
        """Whether the error is this one, as the engine finds it."""
        pairs = (
            (self.source, error.source),
            (self.code, error.code),
            (self.message, error.message),
        )
        # The engine's dot takes a line's end, too.
        return all(not wanted or re.search(wanted, text, re.DOTALL) for wanted, text in pairs)

    @property
    def runbook(self) -> str:
        """Name of the runbook, one a subkind."""
        return f"failed_event-{self.subkind}"

    @property
    def version(self) -> str:
        """Text that changes exactly when the meaning of the pattern does."""
        told = (self.name, self.source, self.code, self.message)
        return repr((*told, self.subkind, self.failure_class, self.advice))

    def row(self, rank: int) -> list[object]:
        """The pattern as a row of failure_patterns."""
        return [
            rank,
            self.name,
            self.source,
            self.code,
            self.message,
            self.subkind,
            self.failure_class,
            self.advice,
            self.runbook,
        ]


def load_failures(overlay: Path | None = None) -> tuple[FailurePattern, ...]:
    """Patterns of the overlay folder first, then the shipped ones it does not replace.

    Raises ConfigInvalid naming file, table and key.
    """
    return tuple(pattern for _, file in _files(overlay) for pattern in _read_patterns(file))


def count_patterns(overlay: Path | None = None) -> dict[str, int]:
    """How many patterns each file has, in the order in which they are tried."""
    return {stem: len(file.tables("pattern")) for stem, file in _files(overlay)}


def _files(overlay: Path | None) -> list[tuple[str, Table]]:
    ours, theirs = read_overlaid(SHIPPED, overlay)
    return [*sorted(theirs.items()), *sorted(ours.items())]


def _read_patterns(file: Table) -> Iterator[FailurePattern]:
    for table in file.tables("pattern"):
        subkind = table.text("subkind")
        if subkind not in SUBKINDS:
            table.refuse(
                "subkind", f"'{subkind}' is not known", f"Use one of {', '.join(SUBKINDS)}"
            )
        failure_class = table.text("class")
        if failure_class not in CLASSES:
            table.refuse("class", f"'{failure_class}' is not known", f"Use {' or '.join(CLASSES)}")
        if not any(table.has(field) for field in MATCHED):
            table.refuse(
                "code",
                "is missing, and so are source and message: it would match every error",
                f"Name at least one of {', '.join(MATCHED)}",
            )
        source, code, message = (_read_expression(table, field) for field in MATCHED)
        pattern = FailurePattern(
            name=table.word("name"),
            source=source,
            code=code,
            message=message,
            subkind=subkind,
            failure_class=failure_class,
            advice=table.text("advice"),
            example=_read_example(table),
        )
        if pattern.example is not None and not pattern.matches(pattern.example):
            table.refuse(
                "example", "is not matched by the pattern itself", "Correct one of the two"
            )
        yield pattern
        table.close()
    file.close()


def _read_example(table: Table) -> Example | None:
    told = table.table("example")
    if told is None:
        return None
    example = Example(*(told.text(field, "") for field in MATCHED))
    told.close()
    return example


def _read_expression(table: Table, key: str) -> str:
    """An expression that means the same to Python, which checks it, and to RE2, which uses it."""
    if not table.has(key):
        return ""
    text = table.text(key)
    try:
        re.compile(text)
    except re.error as error:
        table.refuse(key, f"is no regular expression: {error}", "Correct it")
    lacking = _LACKING.search(_CLASSES.sub("", text))
    if lacking is not None:
        table.refuse(
            key, f"uses '{lacking[0]}', which the engine does not have", "Write it without"
        )
    return text
