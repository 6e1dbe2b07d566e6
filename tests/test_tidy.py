"""The habits of this code base as tests: floors, owners, sizes, names."""

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# Imports point down only, and the two packages of floor 1 never import each other.
FLOORS = {"core": 0, "collector": 1, "lineage": 1, "alerts": 2, "dashboards": 3, "revtrace": 4}

# What the floors above may import of a package they read from: its doors, not its rooms.
DOORS = {
    "collector": {"collector.reader"},
    "lineage": {"lineage.reader"},
    "alerts": {"alerts.reader", "alerts.cases"},
}

# One place knows each of these libraries; replacing one then means changing one place.
SINGLE_IMPORTERS = {
    "clickhouse_connect": ("core/store/driver.py",),
    "chdb": ("core/store/driver.py",),
    "apscheduler": ("alerts/schedule.py",),
    "streamlit": ("dashboards/", "revtrace/"),
}

BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 90
PARAMETERS_MAX = 7

# A statement in a Python string: all SQL lives in .sql files beside the module that asks.
SQL_TEXT = re.compile(
    r"^\s*(SELECT\b.*\bFROM\b|WITH\b.*\bSELECT\b|INSERT\s+INTO\b|ALTER\s+TABLE\b|DELETE\s+FROM\b"
    r"|TRUNCATE\s+TABLE\b|OPTIMIZE\s+TABLE\b|(CREATE|DROP)\s+(OR\s+REPLACE\s+)?"
    r"(TEMPORARY\s+|MATERIALIZED\s+)?(TABLE|VIEW)\b)",
    re.DOTALL,
)
SQL_WRITE = re.compile(
    r"\b(?:INSERT\s+INTO(?:\s+TABLE)?|ALTER\s+TABLE|DELETE\s+FROM|TRUNCATE\s+TABLE(?:\s+IF\s+EXISTS)?"
    r"|OPTIMIZE\s+TABLE|EXCHANGE\s+TABLES|RENAME\s+TABLE|DROP\s+TABLE(?:\s+IF\s+EXISTS)?)\s+"
    r"`?([A-Za-z_][A-Za-z0-9_]*)"
)
SQL_CREATE = re.compile(
    r"\bCREATE\s+(?:TABLE|MATERIALIZED\s+VIEW)\s+IF\s+NOT\s+EXISTS\s+`?([A-Za-z_][A-Za-z0-9_]*)"
)
MIGRATION = re.compile(r"^(\d{4})_([a-z]+)(_[a-z0-9_]+)?\.sql$")

# The parts are glued here so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile(
    r"(?<![\w.:/-])/(" + "|".join(["work", "root", "Users", "home"]) + r")/\w"
)
REGISTRY_HOSTS = re.compile(
    "|".join(
        [
            r"pypi\." + "org",
            "python" + r"hosted\.org",
            "npm" + r"js\.(org|com)",
            r"deb\.debian\." + "org",
            r'"resolved":\s*"' + "http",
            "index" + r"-url[ =]",
        ]
    )
)
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "HA" + "CK"]) + r")\b")
SKIPPED = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail)\b")


@cache
def _tracked() -> tuple[Path, ...]:
    """Return every file of the tree that git holds or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file())


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _package(path: Path) -> str:
    return _name(path).split("/")[0]


def _files(suffix: str, *, packages_only: bool = True) -> list[Path]:
    return [
        path
        for path in _tracked()
        if path.suffix == suffix and (not packages_only or _package(path) in FLOORS)
    ]


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield every dotted name that a file imports, those inside functions included."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{_name(path)}:{node.lineno}: imports are absolute"
            # `from lineage import reader` names a module too, so both spellings count as it.
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _offending_lines(pattern: re.Pattern[str], keep: Callable[[Path], bool]) -> list[str]:
    return [
        f"{_name(path)}:{number}: {line.strip()[:100]}"
        for path in _tracked()
        if keep(path)
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), 1
        )
        if pattern.search(line)
    ]


def test_imports_point_down_only() -> None:
    wrong = [
        f"{_name(path)}:{line}: {_package(path)} imports {imported}"
        for path in _files(".py")
        for line, imported in _imports(path)
        if (target := imported.split(".")[0]) in FLOORS
        and target != _package(path)
        and FLOORS[target] >= FLOORS[_package(path)]
    ]
    assert wrong == []


def test_upper_floors_read_through_the_doors() -> None:
    wrong = [
        f"{_name(path)}:{line}: {imported}"
        for path in _files(".py")
        if _package(path) in ("alerts", "dashboards")
        for line, imported in _imports(path)
        if (target := imported.split(".")[0]) in DOORS
        and target != _package(path)
        and ".".join(imported.split(".")[:2]) not in DOORS[target]
    ]
    assert wrong == []


def test_one_place_knows_each_library() -> None:
    wrong = [
        f"{_name(path)}:{line}: {imported}"
        for path in _files(".py")
        for line, imported in _imports(path)
        if (allowed := SINGLE_IMPORTERS.get(imported.split(".")[0]))
        and not _name(path).startswith(allowed)
    ]
    assert wrong == []


def test_file_names_are_roles() -> None:
    wrong = [
        _name(path)
        for path in _files(".py", packages_only=False)
        if BANNED_NAMES & {*path.stem.split("_"), *path.relative_to(ROOT).parts[:-1]}
    ]
    assert wrong == []


def test_files_are_short() -> None:
    lengths = {
        _name(path): len(path.read_text(encoding="utf-8").splitlines())
        for suffix in (".py", ".sql")
        for path in _files(suffix, packages_only=False)
    }
    assert {name: lines for name, lines in lengths.items() if lines >= FILE_LINES_MAX} == {}


def test_functions_are_short() -> None:
    wrong = {
        f"{_name(path)}:{function.lineno} {function.name}": lines
        for path in _files(".py", packages_only=False)
        for function in _functions(path)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) >= FUNCTION_LINES_MAX
    }
    assert wrong == {}


def test_functions_take_few_parameters() -> None:
    """A decorated function may be a command, whose options are its parameters."""
    wrong = {
        f"{_name(path)}:{function.lineno} {function.name}": count
        for path in _files(".py")
        for function in _functions(path)
        if not function.decorator_list
        and (
            count := len(
                [
                    argument
                    for argument in (
                        *function.args.posonlyargs,
                        *function.args.args,
                        *function.args.kwonlyargs,
                    )
                    if argument.arg not in ("self", "cls")
                ]
            )
        )
        > PARAMETERS_MAX
    }
    assert wrong == {}


def test_every_module_says_what_it_is() -> None:
    wrong = [
        _name(path)
        for path in _files(".py", packages_only=False)
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(_tree(path))
    ]
    assert wrong == []


def test_sql_lives_in_sql_files() -> None:
    wrong = []
    for path in _files(".py"):
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.JoinedStr):
                text = "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "{}"
                    for part in node.values
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
            else:
                continue
            if SQL_TEXT.match(text):
                wrong.append(f"{_name(path)}:{node.lineno}: {text.strip()[:60]}")
    assert wrong == []


def test_only_the_clock_asks_for_the_time() -> None:
    """Logic takes a clock; what is about this very process says SystemClock().now().

    Of the SQL only the views for BI tools, which have no clock, say now.
    """
    asks = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time)\(")
    assert (
        _offending_lines(
            asks,
            lambda path: (
                path.suffix == ".py" and _package(path) in FLOORS and _name(path) != "core/clock.py"
            ),
        )
        == []
    )
    wrong = [
        _name(path)
        for path in _files(".sql")
        if path.parent.name != "views"
        and re.search(r"\b(now|now64|today|yesterday)\(", _without_comments(path))
    ]
    assert wrong == []


def test_migrations_are_numbered_without_a_gap_and_named_after_their_owner() -> None:
    names = sorted(path.name for path in (ROOT / "core/store/migrations").glob("*.sql"))
    matches = [MIGRATION.match(name) for name in names]
    assert [match and int(match[1]) for match in matches] == list(range(1, len(names) + 1))
    assert [match[2] for match in matches if match and match[2] not in FLOORS] == []


def test_only_the_owner_writes_a_table() -> None:
    owners = _owners()
    assert {"events", "deliveries", "quarantine", "sources"} <= owners.keys()
    wrong = [
        f"{where}: {table} belongs to {owners[table]}"
        for where, package, table in _writes()
        if owners.get(table, package) != package
    ]
    assert wrong == []


def test_a_migration_touches_only_its_own_packages_tables() -> None:
    owners = _owners()
    wrong = [
        f"{path.name}: {table} belongs to {owners[table]}"
        for path, owner in _migrations()
        for table in SQL_WRITE.findall(_without_comments(path))
        if owners.get(table, owner) != owner
    ]
    assert wrong == []


def test_nothing_names_a_machine_or_a_registry() -> None:
    assert _offending_lines(MACHINE_PATHS, lambda path: True) == []
    assert _offending_lines(REGISTRY_HOSTS, lambda path: True) == []


def test_nothing_is_left_unfinished() -> None:
    written = {".py", ".sql", ".toml", ".md", ".yml", ".sh", ""}
    assert _offending_lines(UNFINISHED, lambda path: path.suffix in written) == []


def test_no_test_is_skipped() -> None:
    assert (
        _offending_lines(
            SKIPPED, lambda path: path.suffix == ".py" and path != Path(__file__).resolve()
        )
        == []
    )


def _migrations() -> Iterator[tuple[Path, str]]:
    for path in sorted((ROOT / "core/store/migrations").glob("*.sql")):
        match = MIGRATION.match(path.name)
        assert match, path.name
        yield path, match[2]


def _owners() -> dict[str, str]:
    """Return the owner of each table: the package that its migration is named after."""
    owners: dict[str, str] = {"schema_ledger": "core"}
    for path, owner in _migrations():
        for table in SQL_CREATE.findall(_without_comments(path)):
            assert owners.setdefault(table, owner) == owner, f"{table} is created twice"
    return owners


def _writes() -> Iterator[tuple[str, str, str]]:
    """Yield where each table is written: SQL statements and calls of the store's inserts."""
    for path in _files(".sql"):
        if path.parent.name != "migrations":
            for table in SQL_WRITE.findall(_without_comments(path)):
                yield _name(path), _package(path), table
    for path in _files(".py"):
        for node in ast.walk(_tree(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("insert", "insert_raw")
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and isinstance(node.args[0].value, str)
            ):
                yield f"{_name(path)}:{node.lineno}", _package(path), node.args[0].value


def _without_comments(path: Path) -> str:
    return re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
