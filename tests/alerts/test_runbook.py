"""Runbooks: there is one for every kind of finding, and each says what to do, whom to ask and when
it is over.
"""

import re
from pathlib import Path

import pytest
import typer

from alerts.finding import KINDS
from alerts.runbook import Runbooks
from core.errors import ConfigInvalid
from lineage.control import load_controls
from revtrace.cli import app
from tests.alerts.arrange import finding

EVERY = [(kind, subkind) for kind in KINDS for subkind in sorted(KINDS[kind]) or [""]]
HEADINGS = ("## Look", "## At 2 a.m.", "## At quarter-end", "## Escalate to", "## It is over when")
# Built together with cases; their names are fixed by the design.
RESERVED = {"case", "alerts"}
COMMAND = re.compile(r"`revtrace ([a-z]+)( --kind ([a-z_]+)(?:/([a-z_]+))?)?")


@pytest.mark.parametrize(("kind", "subkind"), EVERY)
def test_every_finding_has_a_runbook_of_its_own(kind: str, subkind: str) -> None:
    name = f"{kind}-{subkind}" if subkind else kind
    for named in ("", name):
        found = Runbooks().of(finding(kind=kind, subkind=subkind, runbook=named))
        assert found is not None
        assert found.name == name


def test_every_runbook_belongs_to_a_finding_to_a_control_or_to_the_close() -> None:
    wanted = {f"{kind}-{subkind}" if subkind else kind for kind, subkind in EVERY}
    controls = {f"reconciliation_break-{name}" for name in load_controls()}
    assert set(Runbooks().names()) == wanted | controls | {"close-recovery"}


@pytest.mark.parametrize("name", Runbooks().names())
def test_a_runbook_says_what_to_do_whom_to_ask_and_when_it_is_over(name: str) -> None:
    found = Runbooks().get(name)
    assert found is not None
    head, *parts = re.split(r"^## .*$", found.text, flags=re.MULTILINE)
    assert tuple(re.findall(r"^## .*$", found.text, re.MULTILINE)) == HEADINGS
    # It begins with what the finding means, and no part of it is empty.
    assert len(head.splitlines()) >= 3
    assert all(part.strip() for part in parts)
    assert len(found.text.splitlines()) <= 65


@pytest.mark.parametrize("name", Runbooks().names())
def test_the_commands_of_a_runbook_exist(name: str) -> None:
    found = Runbooks().get(name)
    assert found is not None
    known = set(typer.main.get_command(app).commands) | RESERVED  # type: ignore[attr-defined]
    asked = COMMAND.findall(found.text)
    assert {command for command, *_ in asked} <= known
    for _, _, kind, subkind in asked:
        assert not kind or kind in KINDS
        assert not subkind or subkind in KINDS[kind]


def test_the_runbook_that_a_finding_names_wins() -> None:
    for named in ("failed_event-auth", "runbooks/failed_event-auth.md"):
        found = Runbooks().of(finding(runbook=named))
        assert found is not None
        assert found.name == "failed_event-auth"


def test_what_has_no_runbook_has_none() -> None:
    assert Runbooks().of(finding(kind="governance", subkind="of_tomorrow", runbook="")) is None


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
