"""The wheel as a stranger gets it: everything inside, nothing of development needed."""

import ast
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
# Files that the packages read at run time.
CARRIED = {".sql", ".toml", ".md", ".html", ".css", ".json"}

# Imported by a name that another declared dependency brings on purpose.
BROUGHT_ALONG = {
    "google": "opentelemetry-proto",  # protobuf's own runtime, for the messages of OTLP
    "starlette": "fastapi",  # what a FastAPI application is made of
    "numpy": "pandas",
    "pydantic_core": "pydantic",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the pinned backend."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own, with the libraries of this one in reach.

    The libraries come through a .pth file, so that nothing is fetched; the checkout does not come
    with them, since its own .pth file is not read from there.
    """
    folder = tmp_path_factory.mktemp("installed")
    _run(sys.executable, "-m", "venv", "--without-pip", str(folder))
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    _run(
        *(sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install"),
        *("--quiet", "--no-deps", "--no-index", str(wheel)),
    )
    return folder / "bin"


def test_wheel_carries_every_file_that_the_packages_read(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in CARRIED | {".py"} and "__pycache__" not in path.parts
    }
    assert wanted - inside == set()
    assert {name.split("/")[0] for name in inside if ".dist-info/" not in name} == set(PACKAGES)


def test_installed_program_says_what_it_can_do(installed: Path, tmp_path: Path) -> None:
    said = _run(str(installed / "revtrace"), "--help", cwd=tmp_path)
    for command in ("up", "import", "trace", "findings"):
        assert re.search(rf"^\W*{command}\b", said, re.MULTILINE)
    where = _run(
        str(installed / "python"), "-c", "import revtrace; print(revtrace.__file__)", cwd=tmp_path
    )
    assert Path(where.strip()).is_relative_to(installed.parent.resolve())


def test_packages_import_only_what_they_declare() -> None:
    """A library that is here only for development would be missing where revtrace runs."""
    declared = {
        re.split(r"[\s<>=;\[!~]", line, maxsplit=1)[0].lower()
        for line in PROJECT["project"]["dependencies"]
    }
    brought_by = packages_distributions()
    wrong = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for top in _imported(path) - set(PACKAGES) - sys.stdlib_module_names:
                found = brought_by.get(top, ["(not installed)"])
                distributions = {name.lower().replace("_", "-") for name in found}
                if not distributions & declared and BROUGHT_ALONG.get(top) not in declared:
                    wrong.add(f"{path.relative_to(ROOT)}: {top} ({', '.join(distributions)})")
    assert wrong == set()


def _imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def _run(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
