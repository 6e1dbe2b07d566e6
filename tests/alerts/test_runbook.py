"""Runbooks: there is one for what the first detectors find, and each says what to do and when it is
over.
"""

from pathlib import Path

import pytest

from alerts.runbook import Runbooks
from core.errors import ConfigInvalid
from tests.alerts.arrange import finding

SUBKINDS = {
    "sla_breach": ["overdue", "late", "cutoff"],
    "failed_event": [
        *("mapping", "rate_card", "customer_terms", "tax", "legal_entity", "validation"),
        *("period_closed", "auth", "rate_limit", "timeout", "connection", "unknown"),
    ],
    "duplicate": ["posting", "conflict"],
}


@pytest.mark.parametrize(
    ("kind", "subkind"), [(kind, subkind) for kind in SUBKINDS for subkind in SUBKINDS[kind]]
)
def test_the_first_findings_have_a_runbook_of_their_own(kind: str, subkind: str) -> None:
    found = Runbooks().of(finding(kind=kind, subkind=subkind))
    assert found is not None
    assert found.name == f"{kind}-{subkind}"


@pytest.mark.parametrize("name", Runbooks().names())
def test_a_runbook_says_what_to_do_at_night_and_at_quarter_end(name: str) -> None:
    found = Runbooks().get(name)
    assert found is not None
    for heading in ("## At 2 a.m.", "## At quarter-end", "## It is over when"):
        assert heading in found.text
    assert len(found.text.splitlines()) <= 50


def test_the_runbook_that_a_finding_names_wins() -> None:
    for named in ("failed_event-auth", "runbooks/failed_event-auth.md"):
        found = Runbooks().of(finding(runbook=named))
        assert found is not None
        assert found.name == "failed_event-auth"


def test_what_has_no_runbook_has_none() -> None:
    assert Runbooks().of(finding(kind="governance", subkind="link_cycle")) is None


def test_the_overlay_adds_and_replaces(tmp_path: Path) -> None:
    (tmp_path / "failed_event-mapping.md").write_text("# Call Ana\n")
    (tmp_path / "governance-link_cycle.md").write_text("# Cycles\n")
    books = Runbooks(tmp_path)
    assert books.of(finding()).title == "Call Ana"  # type: ignore[union-attr]
    assert books.of(finding(kind="governance", subkind="link_cycle")) is not None
    assert Runbooks(tmp_path / "absent").names() == Runbooks().names()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("Bad Name.md", b"# x", "no runbook's name"),
        ("empty.md", b"", "heading"),
        ("prose.md", b"do this", "heading"),
        ("latin.md", b"# \xe4", "UTF-8"),
        ("long.md", b"# x" * 20_000, "larger than"),
    ],
)
def test_a_wrong_runbook_is_refused_at_start(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigInvalid, match=says):
        Runbooks(tmp_path)
