"""docs/cli.md names every command and every option there is."""

from pathlib import Path
from typing import Any

import pytest
import typer

from revtrace.cli import app

TEXT = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
# Said once, for all commands.
COMMON = {"--json", "--help", "--now"}


def _commands() -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    group: Any = typer.main.get_command(app)
    for name, command in group.commands.items():
        below = getattr(command, "commands", None)
        if below is None:
            found.append((name, command))
        else:
            found += [(f"{name} {each}", made) for each, made in below.items()]
    return found


@pytest.mark.parametrize(("name", "command"), _commands(), ids=[name for name, _ in _commands()])
def test_command_is_documented_with_its_options(name: str, command: Any) -> None:
    lines = [line for line in TEXT.splitlines() if line.startswith(f"| `{name}")]
    assert lines, f"docs/cli.md has no line for `{name}`"
    options = {option for each in command.params for option in each.opts if option[:2] == "--"}
    assert [option for option in sorted(options - COMMON) if option not in " ".join(lines)] == []


def test_common_options_are_documented() -> None:
    assert [option for option in sorted(COMMON) if option not in TEXT] == []
