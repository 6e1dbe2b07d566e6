"""Documentation is tested: what exists has a line, what is written is so, links lead somewhere."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer

from core.store import Store
from lineage.detector import load_detectors
from lineage.process import load_processes
from revtrace.cli import app
from tests import settings_document

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
# The parts are glued so that this file does not hold what it looks for.
MACHINE_PATH = re.compile(
    r"(?<![\w.:/-])/(" + "|".join(["work", "root", "home", "Users"]) + r")/\w"
)


@cache
def _text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def _first_cells(text: str) -> list[str]:
    """Return what the first column of every table of a page names."""
    return re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)


def _schema(store: Store, sql: str) -> list[str]:
    rows = store.rows(sql, {"database": store.database})
    return [row["name"] for row in rows]


def _commands(found: typer.Typer, before: str = "") -> Iterator[str]:
    group = typer.main.get_command(found)
    assert hasattr(group, "commands")
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from (f"{before}{name} {inner}" for inner in command.commands)
        else:
            yield f"{before}{name}"


def test_every_setting_is_explained_with_its_default() -> None:
    """When this fails, run `python -m tests.settings_document`."""
    assert settings_document.PAGE.read_text(encoding="utf-8") == settings_document.rendered()


def test_every_setting_has_a_description() -> None:
    page = settings_document.rendered()
    assert "| None |" not in page
    assert "PydanticUndefined" not in page


def test_every_command_is_explained() -> None:
    written = _text("cli.md")
    missing = [
        name
        for name in _commands(app)
        if not re.search(rf"^\| `{re.escape(name)}[ `]", written, re.MULTILINE)
    ]
    assert missing == []


def test_every_process_is_named() -> None:
    named = set(_first_cells(_text("architecture.md")))
    assert set(load_processes(None)) - named == set()


def test_every_detector_is_named() -> None:
    named = set(_first_cells(_text("architecture.md")))
    assert {detector.name for detector in load_detectors()} - named == set()


@pytest.mark.parametrize("folder", ["rules", "notifiers"])
def test_every_alert_rule_and_channel_is_named(folder: str) -> None:
    stems = {
        path.stem
        for path in (ROOT / "alerts" / folder).iterdir()
        if path.suffix in (".toml", ".py") and path.stem != "__init__"
    }
    assert {stem for stem in stems if f"`{stem}`" not in _text("alerts.md")} == set()


def test_every_table_and_view_is_named_and_no_other(store: Store) -> None:
    names = set(
        _schema(
            store,
            "SELECT name FROM system.tables WHERE database = {database:String}"
            " AND engine != 'MaterializedView' AND NOT startsWith(name, 'work_')",
        )
    )
    page = _text("data-model.md")
    headed = set(re.findall(r"^### (v_\w+)$", page, re.MULTILINE))
    views_and_tables = page.split("## Views that take the time")[1]
    # A parameterised view has no columns to list, but it is a view of the engine all the same.
    assert headed | set(_first_cells(views_and_tables)) == names


def test_tables_are_documented_under_the_package_that_owns_them() -> None:
    owners = {"schema_ledger": "core"}
    for path in sorted((ROOT / "core/store/migrations").glob("*.sql")):
        said = re.findall(r"(CREATE|DROP) TABLE IF (?:NOT )?EXISTS (\w+)", path.read_text())
        for word, table in said:
            if word == "DROP":
                owners.pop(table, None)
            elif not table.startswith("work_"):
                owners[table] = path.stem.split("_")[1]
    written = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", _text("data-model.md"), re.MULTILINE))
    assert {table: written.get(table) for table in owners} == owners


def test_every_column_of_a_stable_view_is_explained_in_its_place(store: Store) -> None:
    page = _text("data-model.md")
    wrong = {}
    for name, body in re.findall(r"^### (v_\w+)$(.*?)(?=^##)", page, re.MULTILINE | re.DOTALL):
        columns = [
            row["name"]
            for row in store.rows(
                "SELECT name FROM system.columns WHERE database = {database:String}"
                " AND table = {view:String} ORDER BY position",
                {"database": store.database, "view": name},
            )
        ]
        if columns != _first_cells(body):
            wrong[name] = set(columns) ^ set(_first_cells(body))
    assert wrong == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = CODE.sub("", page.read_text(encoding="utf-8"))
    broken = []
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or anchor and anchor not in _anchors(there):
            broken.append(target)
    assert broken == []


def test_no_page_names_a_path_of_a_machine() -> None:
    assert [page.name for page in PAGES if MACHINE_PATH.search(page.read_text("utf-8"))] == []


def test_every_decision_is_listed_and_says_what_it_rejected() -> None:
    decisions = sorted(path for path in (DOCS / "adr").glob("[0-9]*.md"))
    listed = LINK.findall(_text("adr/README.md"))
    assert [path.name for path in decisions] == listed
    for number, path in enumerate(decisions, start=1):
        text = path.read_text(encoding="utf-8")
        assert path.name.startswith(f"{number:03d}-")
        assert text.startswith(f"# {number}. ")
        for part in ("**Decision.**", "**Why.**", "**Rejected.**"):
            assert part in text, f"{path.name}: {part}"


def _anchors(page: Path) -> set[str]:
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        for heading in HEADING.findall(page.read_text(encoding="utf-8"))
    }
