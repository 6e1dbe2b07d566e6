"""The container files, as far as a machine without a container engine can check them."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import tomllib
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
import yaml
from typer.main import get_command

from core.settings import Settings
from revtrace.cli import app
from tests.server.genuine import GenuineServer, free_port

ROOT = Path(__file__).resolve().parents[1]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "revtrace"}
# What the file says of making a token, by the service that it is asked of.
MAKE_TOKEN = {
    name: command.split()
    for name, command in re.findall(
        r"^#   docker compose exec (\w+) revtrace (.+)$",
        (ROOT / "docker-compose.yml").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
}
PORTS = {
    "up": {Settings().http.port, Settings().grpc.port, Settings().dashboards.port},
    "collect": {Settings().http.port, Settings().grpc.port},
    "work": set(),
    "dashboards": {Settings().dashboards.port},
}


def _dockerfile() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile, continued lines joined, comments left out."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines if line.strip()]


def _instructions(name: str) -> list[str]:
    return [rest for instruction, rest in _dockerfile() if instruction == name]


_REVTRACE = [sys.executable, "-m", "revtrace.cli"]


class _Part:
    """One of our services as a process, with a home of its own as it has in its container."""

    def __init__(self, name: str, folder: Path, environment: dict[str, str]) -> None:
        self._environment = {**environment, "REVTRACE_HOME": str(folder / name)}
        self._log = folder / f"{name}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*_REVTRACE, *OURS[name]["command"]], env=self._environment, stdout=log, stderr=log
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def until_well(self, url: str) -> None:
        """Wait until a health address answers 200, as long as compose's own checks would."""
        last = time.monotonic() + 30
        while time.monotonic() < last and self._process.poll() is None:
            with suppress(httpx.HTTPError):
                if httpx.get(url, timeout=2).status_code == 200:
                    return
            time.sleep(0.1)
        pytest.fail(f"{url} is not well:\n{self._said()}")

    def ask(self, arguments: list[str]) -> str:
        """Run a command beside the part, as its health check does."""
        asked = subprocess.run(
            [*_REVTRACE, *arguments], env=self._environment, capture_output=True, text=True
        )
        assert asked.returncode == 0, asked.stderr + self._said()
        return asked.stdout

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(timeout=10) == 0, self._said()

    def _said(self) -> str:
        return self._log.read_text(errors="replace")[-4000:]


def _image_environment() -> dict[str, str]:
    pairs = [part.split("=", 1) for line in _instructions("ENV") for part in shlex.split(line)]
    return {pair[0]: pair[1] for pair in pairs}


def _assert_command_line(arguments: list[str]) -> None:
    """Parse a command line with the real parser, without running it."""
    group: Any = get_command(app)
    with group.make_context("revtrace", list(arguments)) as context:
        name, command, rest = group.resolve_command(
            context, [*context._protected_args, *context.args]
        )
        command.make_context(name, rest, parent=context).close()


def _assert_setting(name: str) -> None:
    """Fail when an environment variable is no setting of revtrace."""
    model: Any = Settings
    for part in name.removeprefix("REVTRACE_").lower().split("__"):
        assert part in model.model_fields, f"{name} is no setting"
        model = model.model_fields[part].annotation


def test_parser_refuses_an_unknown_command_and_option() -> None:
    for wrong in (["fly"], ["up", "--wings"]):
        with pytest.raises(Exception, match="fly|--wings"):
            _assert_command_line(wrong)


def test_profiles_hold_what_is_promised() -> None:
    profiles = {
        profile: {name for name, service in SERVICES.items() if profile in service["profiles"]}
        for profile in ("default", "server")
    }
    assert profiles == {
        "default": {"revtrace"},
        "server": {"clickhouse", "collect", "work", "dashboards"},
    }


@pytest.mark.parametrize("name", OURS)
def test_service_runs_a_command_that_exists(name: str) -> None:
    entry = json.loads(_instructions("ENTRYPOINT")[-1])
    assert entry == ["revtrace"]
    _assert_command_line(OURS[name]["command"])


def test_a_token_is_made_by_a_command_that_exists_where_a_collector_runs() -> None:
    collectors = {name for name in OURS if OURS[name]["command"][0] in ("up", "collect")}
    assert MAKE_TOKEN.keys() == collectors
    for command in MAKE_TOKEN.values():
        _assert_command_line(command)


@pytest.mark.parametrize("name", OURS)
def test_service_has_only_settings_that_exist(name: str) -> None:
    environment = {**_image_environment(), **OURS[name].get("environment", {})}
    ours = [variable for variable in environment if variable.startswith("REVTRACE_")]
    assert ours
    for variable in ours:
        _assert_setting(variable)


@pytest.mark.parametrize("name", OURS)
def test_service_publishes_the_ports_its_command_listens_on_and_on_loopback_only(name: str) -> None:
    published = [port.split(":") for port in OURS[name].get("ports", [])]
    assert {address for address, _, _ in published} <= {"127.0.0.1"}
    assert {int(inside) for _, _, inside in published} == PORTS[OURS[name]["command"][0]]
    exposed = {int(port) for port in _instructions("EXPOSE")[-1].split()}
    assert {int(inside) for _, _, inside in published} <= exposed


@pytest.mark.parametrize("name", SERVICES)
def test_service_keeps_its_data_in_a_declared_volume(name: str) -> None:
    volumes = [volume.split(":") for volume in SERVICES[name]["volumes"]]
    assert {volume for volume, _ in volumes} <= COMPOSE["volumes"].keys()
    if name in OURS:
        home = Path(_image_environment()["REVTRACE_HOME"])
        assert any(home.is_relative_to(inside) for _, inside in volumes)
    assert COMPOSE["volumes"].keys() == {
        volume.split(":")[0] for service in SERVICES.values() for volume in service["volumes"]
    }


@pytest.mark.parametrize("name", SERVICES)
def test_service_says_whether_it_is_well(name: str) -> None:
    check = SERVICES[name].get("healthcheck")
    if check is None:
        # The image's own check asks the collector, so it holds for services that run one.
        assert OURS[name]["command"][0] in ("up", "collect")
        assert f":{Settings().http.port}/healthz" in _instructions("HEALTHCHECK")[-1]
    elif check["test"][1] == "revtrace":
        _assert_command_line(check["test"][2:])
    elif check["test"][1] == "python":
        compile(check["test"][3], "healthcheck", "exec")


@pytest.mark.parametrize("name", SERVICES)
def test_service_waits_only_for_services_of_its_own_profiles(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert set(SERVICES[name]["profiles"]) <= set(SERVICES[other]["profiles"])
        assert how == {"condition": "service_healthy"}


def test_parts_use_the_account_of_the_server() -> None:
    account = SERVICES["clickhouse"]["environment"]
    dsn = f"clickhouse://{account['CLICKHOUSE_USER']}:{account['CLICKHOUSE_PASSWORD']}@clickhouse:"
    for name in ("collect", "work", "dashboards"):
        assert SERVICES[name]["environment"]["REVTRACE_WAREHOUSE"].startswith(dsn)


def test_parts_run_as_written_against_a_server(server: GenuineServer, tmp_path: Path) -> None:
    """What compose would do, with this machine's addresses: start in order, be well, stop."""
    http, grpc, pages = free_port(), free_port(), free_port()
    events = f"http://127.0.0.1:{http}/v1/events"
    environment = {
        **os.environ,
        **{name: text for name, text in _image_environment().items() if name.endswith("__HOST")},
        "REVTRACE_WAREHOUSE": server.dsn(),
        "REVTRACE_DATABASE": "composed",
        "REVTRACE_HTTP__PORT": str(http),
        "REVTRACE_GRPC__PORT": str(grpc),
        "REVTRACE_DASHBOARDS__PORT": str(pages),
    }
    with ExitStack() as running:
        collect = running.enter_context(_Part("collect", tmp_path, environment))
        collect.until_well(f"http://127.0.0.1:{http}/healthz")
        work = running.enter_context(_Part("work", tmp_path, environment))
        dashboards = running.enter_context(_Part("dashboards", tmp_path, environment))
        dashboards.until_well(f"http://127.0.0.1:{pages}/_stcore/health")
        assert json.loads(work.ask(SERVICES["work"]["healthcheck"]["test"][2:]))
        assert httpx.post(events, json=[]).status_code == 401
        token = json.loads(collect.ask([*MAKE_TOKEN["collect"], "--json"]))["token"]
        known = {"authorization": f"Bearer {token}"}
        assert httpx.post(events, json=[], headers=known).status_code == 200
        for part in (dashboards, work, collect):
            part.stop()


def test_image_copies_only_files_that_exist_and_that_the_builder_gets() -> None:
    sent = (ROOT / ".dockerignore").read_text().splitlines()
    copied = [
        source
        for line in _instructions("COPY")
        if not line.startswith("--from")
        for source in line.split()[:-1]
    ]
    assert [source for source in copied if not (ROOT / source).exists()] == []
    assert [source for source in copied if f"!{source}" not in sent] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= set(copied)


def test_image_does_not_run_as_root() -> None:
    names = [instruction for instruction, _ in _dockerfile()]
    user = _instructions("USER")[-1]
    assert user != "root"
    assert any("useradd" in line and line.endswith(f" {user}") for line in _instructions("RUN"))
    assert names.index("USER") < names.index("ENTRYPOINT")
