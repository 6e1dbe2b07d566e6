"""Runs the program as a person does: as a process of its own, in a home of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
AsJson = Callable[..., dict[str, Any]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that is not there yet."""
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, tmp_path: Path) -> Run:
    """Run one command; what it printed and how it ended."""

    def command(*arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
        plain = {name: value for name, value in os.environ.items() if "REVTRACE" not in name}
        return subprocess.run(
            [sys.executable, "-m", "revtrace.cli", *arguments],
            cwd=tmp_path,
            env=plain | {"REVTRACE_HOME": str(home), "COLUMNS": "200"} | env,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return command


@pytest.fixture
def as_json(run: Run) -> AsJson:
    """Run one command with --json; its document."""

    def command(*arguments: str, **env: str) -> dict[str, Any]:
        ended = run(*arguments, "--json", **env)
        assert ended.returncode in (0, 1), ended.stderr
        document: dict[str, Any] = json.loads(ended.stdout)
        return document

    return command
