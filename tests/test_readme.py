"""The README is true: its commands give the answers it shows, its tables are what the folders hold,
its links lead somewhere.

The second word behind a fence says what a block is: `run` is run beside a running `revtrace up`,
`stopped` after it, and `text answer` is what the block before it must have said, sooner or later.
Words of an answer that are two spaces apart may be any distance apart.
`python -m tests.test_readme` writes the tables anew.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from alerts.notifier import channels
from alerts.rule import Rule, load_rules
from collector.source import load_sources
from core.event import IntegrationEvent
from core.settings import Settings
from lineage.detector import load_detectors
from lineage.failure import load_failures
from lineage.process import Process, load_processes
from revtrace.cli import app
from tests.e2e.service import Home

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
FENCE = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BOX = re.compile(r"(<!-- box: .*? -->\n).*?(<!-- /box -->)", re.DOTALL)
ANSWER_SECONDS_MAX = 30.0
# The program keeps a currency and its amount, or a day and its time, on one line with it.
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, what it is for, and its text."""

    language: str
    role: str
    text: str


def _blocks() -> list[Block]:
    return [Block(*found) for found in FENCE.findall(README.read_text(encoding="utf-8"))]


def _of(role: str) -> list[str]:
    found = [block.text for block in _blocks() if block.role == role]
    assert found, f"the README has no block `{role}`"
    return found


def _says(told: str, answer: str) -> bool:
    """Whether each line of the answer is in a line of what was told, its words in their order."""
    told = told.replace(NO_BREAK_SPACE, " ")
    patterns = [
        ".*".join(re.escape(word) for word in re.split(r" {2,}", line.strip()))
        for line in answer.splitlines()
    ]
    return all(re.search(pattern, told) for pattern in patterns)


class _Terminal:
    """A shell in a folder that looks like a clone, with the settings that the README exports."""

    def __init__(self, folder: Path) -> None:
        (folder / "docs").symlink_to(ROOT / "docs")
        self.home = Home(folder, {"REVTRACE_HOME": "my-data", "COLUMNS": "200"})
        self.collector = ""

    def run(self, commands: str) -> str:
        bins = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        environment = self.home.environment() | {"PATH": bins}
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = self.collector
        ended = subprocess.run(
            ["bash", "-eu", "-c", commands.replace("http://127.0.0.1:4318", self.collector)],
            cwd=self.home.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert ended.returncode == 0, f"{commands}\n{ended.stdout}{ended.stderr}"
        return ended.stdout

    def until(self, commands: str, answer: str) -> None:
        """Run once; what only asks is asked again, since paths follow events a moment later."""
        last = time.monotonic() + ANSWER_SECONDS_MAX
        told = self.run(commands)
        while not _says(told, answer):
            asks = all(line.startswith(ASKING) for line in commands.splitlines())
            in_time = asks and time.monotonic() < last
            assert in_time, f"{commands}\nsaid\n{told}\nand not\n{answer}"
            time.sleep(0.2)
            told = self.run(commands)


ASKING = ("revtrace trace", "revtrace find", "revtrace status", "revtrace quarantine list")


def test_every_command_gives_the_answer_that_is_shown(tmp_path: Path) -> None:
    terminal = _Terminal(tmp_path)
    blocks = _blocks()
    with terminal.home.start("up") as up:
        terminal.collector = up.told["collector"]
        for block, after in zip(blocks, [*blocks[1:], None], strict=True):
            if block.role == "run":
                shown = after.text if after is not None and after.role == "answer" else ""
                terminal.until(block.text, shown)
        status = terminal.home.ask("status")
        up.stop()
    terminal.run("".join(_of("stopped")))
    terminal.run("mv my-data lost && tar -xzf my-data.tgz")
    assert terminal.home.ask("status")["identity"] == status["identity"]
    assert terminal.home.ask("trace", "time_entry/TE-1001")["root"] == "time_entry/TE-1001"


def test_what_is_an_answer_follows_a_command() -> None:
    blocks = _blocks()
    for before, block in zip([None, *blocks], blocks, strict=False):
        if block.role == "answer":
            assert before is not None
            assert before.role == "run", block.text


def test_every_command_that_is_named_is_one_of_the_program() -> None:
    known = set(get_command(app).commands)  # type: ignore[attr-defined]
    shell = "".join(block.text for block in _blocks() if block.language == "sh")
    named = re.findall(r"^(?:[A-Z_]+=\S+ )?revtrace ([a-z]+)", shell, re.MULTILINE)
    assert {"up", "collect", "work", "dashboards"} <= set(named) <= known
    prose = set(re.findall(r"`(?:[A-Z_]+=\S+ )?revtrace ([a-z]+)", README.read_text()))
    assert prose <= known


def test_what_make_and_compose_are_asked_for_is_there() -> None:
    text = README.read_text(encoding="utf-8")
    made = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    asked = re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)
    assert {"demo", "test"} <= set(asked) <= made
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"].values()
    profiles = {profile for service in services for profile in service["profiles"]}
    lines = "".join(_of("compose")).splitlines()
    assert {shlex.split(line, comments=True)[3] for line in lines} == profiles


def test_the_event_that_is_shown_is_one_of_the_example() -> None:
    [shown] = _of("event")
    IntegrationEvent.model_validate(json.loads(shown))
    lines = (ROOT / "docs/examples/first-steps/events.ndjson").read_text().splitlines()
    assert json.loads(shown) in [json.loads(line) for line in lines]


def test_the_settings_that_are_shown_are_settings() -> None:
    [shown] = _of("settings")
    assert Settings(**tomllib.loads(shown)).http.port == 4319


def test_ports_and_folder_are_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("REVTRACE_")]:
        monkeypatch.delenv(name)
    settings = Settings()
    assert (settings.http.port, settings.dashboards.port) == (4318, 8501)
    assert str(settings.home) == "revtrace-data"


def test_every_link_leads_somewhere() -> None:
    text = README.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r"<(http[^>]+)>", text)
    for target in targets:
        if "://" in target:
            assert target.startswith("http://127.0.0.1:8501"), f"{target} cannot be checked here"
            continue
        file, _, anchor = target.partition("#")
        path = ROOT / file if file else README
        assert path.exists(), target
        assert not anchor or anchor in _anchors(path.read_text(encoding="utf-8")), target


def _anchors(text: str) -> set[str]:
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in _headings(text)}


def _headings(text: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)


def test_the_screenshot_is_a_picture() -> None:
    assert "(docs/images/overview.png)" in README.read_text(encoding="utf-8")
    assert (ROOT / "docs/images/overview.png").read_bytes().startswith(b"\x89PNG")


def test_the_package_carries_the_readme() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["readme"] == "README.md"


def test_the_tables_are_what_the_folders_hold() -> None:
    text = README.read_text(encoding="utf-8")
    assert _with_box(text) == text, "run `python -m tests.test_readme`"


def _with_box(text: str) -> str:
    return BOX.sub(lambda found: f"{found[1]}\n{_box()}\n\n{found[2]}", text)


def _box() -> str:
    rows = {
        "**Sources**, the systems that are known by name": _table(
            ("source", "role", "truth about"),
            [
                (f"`{source.name}`", source.role, ", ".join(source.record_of))
                for _, source in sorted(load_sources().items())
            ],
        ),
        "**Processes**, the ways of revenue events; optional stages in brackets": _table(
            ("process", "begins with", "stages"),
            [
                (f"`{name}`", process.root, _stages(process))
                for name, process in sorted(load_processes().items())
            ],
        ),
        "**Detectors**, what makes findings": _table(
            ("detector", "finds", "how"),
            [
                (
                    f"`{one.name}`",
                    ", ".join(one.kinds),
                    _how(one.name),
                )
                for one in load_detectors()
            ],
        ),
        "**Alert rules**, who is told of findings": _table(
            ("rule", "of", "from severity", "tells", "when open for"),
            [
                (f"`{name}`", _takes(rule), rule.severity, ", ".join(rule.channels), _hold(rule))
                for name, rule in load_rules(channels=channels()).items()
            ],
        ),
    }
    tables = "\n\n".join(f"{title}:\n\n{table}" for title, table in rows.items())
    return f"{tables}\n\n{_catalogue()}"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _stages(process: Process) -> str:
    return ", ".join(
        stage.name if stage.required else f"({stage.name})" for stage in process.stages
    )


def _how(detector: str) -> str:
    """What a detector's module says of itself, on one line."""
    text = import_module(f"lineage.detectors.{detector}").__doc__ or ""
    return " ".join(text.split("\n\n")[0].split())


def _takes(rule: Rule) -> str:
    kinds = ", ".join(rule.kinds) or "all findings"
    return f"{kinds} ({', '.join(rule.subkinds or rule.classes)})".replace(" ()", "")


def _hold(rule: Rule) -> str:
    minutes = int(rule.hold.total_seconds() // 60)
    return f"{minutes} min" if minutes else "at once"


def _catalogue() -> str:
    """Where refusals are known by their codes and words."""
    files = sorted(path.stem for path in (ROOT / "lineage/failures").glob("*.toml"))
    return (
        f"**Failure catalogue**: {len(load_failures())} patterns of codes and messages, "
        f"in the files {', '.join(files)}. An error that none of them knows is shown as unknown."
    )


if __name__ == "__main__":
    README.write_text(_with_box(README.read_text(encoding="utf-8")), encoding="utf-8")
