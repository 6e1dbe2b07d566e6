"""Writes docs/processes.md from the shipped processes and their golden examples."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from lineage.process import SHIPPED, Process, Stage, load_processes
from tests.lineage.golden_paths import expected

PAGE = Path(__file__).resolve().parents[1] / "docs" / "processes.md"
HEAD = """# The shipped processes

Each is one file in `lineage/processes`; a file of the same name in the folder `processes` of your
config folder replaces it, another adds to them. `revtrace config check` says which files do what,
`revtrace rebuild` applies a change. The examples below are tested: `tests/lineage/golden` holds
their events, as a source sends them, and their paths.

A limit counts from the completion of the required stage before it. In the close window of the legal
entity's calendar the second limit holds. Open hours are those of that calendar, so two working days
of 8 hours are 16 h. An optional stage has no limit.

This page is written by `python -m tests.processes_document`, and a test holds that it is so.
"""


def rendered() -> str:
    """The whole page."""
    return HEAD + "".join(_section(process) for process in load_processes().values())


def _section(process: Process) -> str:
    of = (
        f"with engagement `{process.engagement}`"
        if process.engagement
        else "of any other engagement"
    )
    cutoff = (
        f" `{process.cutoff.stage}` must be done before the books close for its period."
        if process.cutoff
        else ""
    )
    lines = [
        f"\n## {process.name}\n",
        f"{_comment(process.name)}\n",
        f"Its revenue events: `{process.root}`, {of}.{cutoff}\n",
        "| stage | object | actions | from | within | at close | counts |",
        "|---|---|---|---|---|---|---|",
        *(_stage(stage) for stage in process.stages),
        "",
        *_example(expected(process.name)),
    ]
    return "\n".join(lines) + "\n"


def _comment(name: str) -> str:
    """The first comment of the file says what the process is."""
    found = []
    for line in (SHIPPED / f"{name}.toml").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        found.append(line.lstrip("# "))
    return " ".join(found)


def _stage(stage: Stage) -> str:
    name = stage.name if stage.required else f"{stage.name} (optional)"
    counts = {"business": "open hours", "elapsed": "day and night"}[stage.clock]
    cells = [
        f"`{name}`",
        f"`{stage.object}`",
        ", ".join(stage.actions),
        ", ".join(stage.roles) or "any role",
        _hours(stage.within),
        _hours(stage.within_at_close),
        counts if stage.within or stage.within_at_close else "",
    ]
    return f"| {' | '.join(cells)} |"


def _hours(limit: timedelta | None) -> str:
    return f"{limit / timedelta(hours=1):g} h" if limit else ""


def _example(path: dict[str, Any]) -> list[str]:
    money = f"{_amount(path['amount'])} {path['currency']}"
    if float(path["credited"] or 0):
        money += f", {_amount(path['credited'])} credited, {_amount(path['net'])} net"
    lines = [
        f"The example `{path['root']}`: {path['state'].replace('_', ' ')}, {money}.\n",
        "| stage | state | done (UTC) | due (UTC) | objects |",
        "|---|---|---|---|---|",
    ]
    for stage in path["stages"]:
        objects = ", ".join(f"`{key}`" for key in stage["objects"])
        done, due = _instant(stage["completed_at"]), _instant(stage["due_at"])
        lines.append(f"| {stage['name']} | {stage['state']} | {done} | {due} | {objects} |")
    if path["findings"]:
        found = ", ".join(f"`{each}`" for each in path["findings"])
        lines.append(f"\nWhat is found on it: {found}.")
    return lines


def _amount(text: str) -> str:
    return f"{float(text):,.2f}"


def _instant(text: str | None) -> str:
    return f"{datetime.fromisoformat(text):%d %b %H:%M}" if text else ""


if __name__ == "__main__":
    PAGE.write_text(rendered(), encoding="utf-8")
