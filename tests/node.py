"""Runs the scripts of tests/npm: the clients that Node.js programs use."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "npm"
WAYS_IN = FOLDER.parents[1] / "docs" / "ways-in.md"
SECONDS_MAX = 90.0


def environment() -> dict[str, str]:
    """This process's own, without what would configure an OpenTelemetry SDK."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}


def start(script: str, *arguments: str) -> "subprocess.Popen[str]":
    """Start a script of tests/npm."""
    return subprocess.Popen(
        ["node", script, *arguments],
        cwd=FOLDER,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told(process: "subprocess.Popen[str]") -> Any:
    """The document that a script printed at its end; fails when it ended badly."""
    with process:
        try:
            printed, complaint = process.communicate(timeout=SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    assert process.returncode == 0, complaint
    return json.loads(printed)


def run(script: str, *arguments: str) -> Any:
    """Run a script to its end and return what it printed."""
    return told(start(script, *arguments))


def otlp(protocol: str, address: str, name: str, **more: Any) -> tuple[str, str]:
    """The script and the argument that tell a small billing to a collector: five events, and a span
    and a record that are none.
    """
    paths = ("", "") if protocol == "grpc" else ("/v1/traces", "/v1/logs")
    asked = {"protocol": protocol, "name": name, **more}
    asked |= {"traces": f"{address}{paths[0]}", "logs": f"{address}{paths[1]}"}
    return "send_otlp.mjs", json.dumps(asked)


def placed(text: str, folder: Path) -> Path:
    """Write a program where it finds the packages of tests/npm; its path."""
    packages = folder / "node_modules"
    if not packages.exists():
        packages.symlink_to(FOLDER / "node_modules")
    made = folder / "example.mjs"
    made.write_text(text, "utf-8")
    return made


def shown(heading: str) -> str:
    """The first program below a heading of docs/ways-in.md."""
    section = WAYS_IN.read_text("utf-8").split(f"{heading}\n")[1]
    return section.split("```js\n")[1].split("```")[0]


def run_text(text: str, folder: Path) -> str:
    """Run a program to its end and return what it printed; fails when it ended badly."""
    ended = subprocess.run(
        ["node", str(placed(text, folder))],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
    )
    assert ended.returncode == 0, f"{text}\n{ended.stdout}{ended.stderr}"
    return ended.stdout
