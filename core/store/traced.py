"""Spans of statements, for what is traced already: a request or a commit."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace

# The verb behind the comments that our files begin with, and the table that is written.
STATEMENT = re.compile(
    r"^\s*(INSERT|SELECT|WITH|TRUNCATE|ALTER|CREATE|DROP|SYSTEM|OPTIMIZE)\b"
    r"(?:\s+(?:INTO|TABLE)\s+(\w+))?",
    re.IGNORECASE | re.MULTILINE,
)


@contextmanager
def statement_span(database: str, sql: str, into: str = "") -> Iterator[None]:
    """A span for one statement, or one insert `into` a table; nothing where nothing is traced.

    The text of the statement is no part of it, nor are its values.
    """
    if not trace.get_current_span().is_recording():
        yield
        return
    found = STATEMENT.search(sql)
    verb = "INSERT" if into else found[1].upper() if found else "OTHER"
    table = into or (found and found[2]) or ""
    attributes = {
        "db.system.name": "clickhouse",
        "db.namespace": database,
        "db.operation.name": verb,
    }
    if table:
        attributes["db.collection.name"] = table
    with trace.get_tracer("revtrace.store").start_as_current_span(
        f"{verb} {table}".strip(), kind=trace.SpanKind.CLIENT, attributes=attributes
    ):
        yield
