"""The config folder: what is read of it, and what is in it that nobody reads."""

from pathlib import Path

import pytest

from core.calendar import SHIPPED
from core.errors import ConfigInvalid
from core.settings import Settings
from revtrace import overlay
from revtrace.operations import perform
from revtrace.wiring import build
from tests.revtrace.conftest import AsJson, Run

SOURCE = 'name = "acme-erp"\nrole = "erp"\n'


def made(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SOURCE)
    return folder


def test_what_is_meant_to_be_read_and_is_not_is_told_from_the_rest(tmp_path: Path) -> None:
    folder = made(
        tmp_path,
        *("procesess/a.toml", "own/b.toml", "sources/c.tml", "sources/old/d.toml", "e.toml"),
        *("sources/acme-erp.toml", "runbooks/README.md", ".git/config", "README.md"),
        *("Makefile", "notes/f.txt"),
    )
    found = {str(each.path.relative_to(folder)): each for each in overlay.unread(folder)}
    meant = {"procesess", "own", "sources/c.tml", "sources/old"}
    assert {name for name, each in found.items() if each.misplaced} == meant
    assert {name for name, each in found.items() if not each.misplaced} == {
        *("Makefile", "notes", "e.toml")
    }
    assert "did you mean processes?" in str(found["procesess"])
    assert overlay.files(folder, "sources") == ["acme-erp"]
    assert overlay.unread(folder / "nowhere") == []


def test_misspelt_folder_stops_the_check_and_the_start(run: Run, tmp_path: Path) -> None:
    folder = made(tmp_path / "config", "procesess/a.toml")
    config = {"REVTRACE_CONFIG": str(folder)}
    ended = run("config", "check", **config)
    assert ended.returncode == 1
    assert "did you mean processes?" in ended.stdout
    ports = {f"REVTRACE_{name}__PORT": "0" for name in ("HTTP", "GRPC", "DASHBOARDS")}
    ended = run("up", **config, **ports)
    assert ended.returncode == 2
    assert "did you mean processes?" in ended.stderr


def test_check_shows_the_folder_what_is_yours_and_what_could_not_be_read(
    run: Run, as_json: AsJson, tmp_path: Path
) -> None:
    folder = made(tmp_path / "config", "sources/acme-erp.toml", "sources/psa.toml", "Makefile")
    (folder / "sources" / "psa.toml").write_text('name = "psa"\nrole = "psa"\n')
    config = {"REVTRACE_CONFIG": str(folder)}
    ended = run("config", "check", **config)
    assert ended.returncode == 0
    assert str(folder) in ended.stdout
    assert "adds acme-erp; replaces psa" in ended.stdout
    assert "Makefile is not read" in ended.stdout
    made(folder, "processes/expenses.toml")
    document = as_json("config", "check", **config)
    assert document["unreadable"] == ["processes"]
    assert document["overlay"]["sources"] == {"adds": ["acme-erp"], "replaces": ["psa"]}
    assert "not read: see below" in run("config", "check", **config).stdout


def test_a_rebuild_refuses_what_has_changed_since_the_start(tmp_path: Path) -> None:
    calendars = tmp_path / "config" / "calendars"
    calendars.mkdir(parents=True)
    app = build(Settings(home=tmp_path / "home", config=tmp_path / "config"))
    assert app.declared.version
    (calendars / "us01.toml").write_text((SHIPPED / "de01.toml").read_text())
    with pytest.raises(ConfigInvalid, match="have changed since this process read them"):
        perform(app, "refresh.rebuild", {}, lambda document: None)
