"""SQL lives in .sql files beside its asker; this finds and reads them.

A statement takes values only as `{name:Type}` parameters. A file may take in another trusted file
of the same folder with `{{name}}`, so that one rule is written once; nothing else is substituted.
"""

import re
from pathlib import Path

from core.errors import ConfigInvalid

INCLUDE = re.compile(r"\{\{([a-z0-9_]+)\}\}")


class SqlFolder:
    """The .sql files of one folder; `SqlFolder(__file__)["find_ids"]` is sql/find_ids.sql."""

    def __init__(self, module_file: str, folder: str = "sql") -> None:
        self._folder = Path(module_file).parent / folder
        self._texts: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        """Return the statement of a file with its includes; raises ConfigInvalid without it."""
        if name not in self._texts:
            self._texts[name] = INCLUDE.sub(lambda found: self[found[1]].strip(), self._read(name))
        return self._texts[name]

    def raw(self, name: str) -> str:
        """Return the text of a file as it stands, for callers that fill in its markers."""
        return self._read(name)

    def statements(self, name: str) -> list[str]:
        """Return the statements of a file of several, separated by lines of one semicolon."""
        return split_statements(self[name])

    def names(self) -> list[str]:
        """Return the names of all files of the folder."""
        return sorted(path.stem for path in self._folder.glob("*.sql"))

    def _read(self, name: str) -> str:
        path = self._folder / f"{name}.sql"
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise ConfigInvalid(
                f"SQL file {name}.sql", f"not in {self._folder.name}/", "Reinstall revtrace"
            ) from None


def split_statements(text: str) -> list[str]:
    """Split a text at lines of only a semicolon: the engine takes one statement a command."""
    pieces = re.split(r"^;[ \t]*$", text, flags=re.MULTILINE)
    return [piece.strip() for piece in pieces if _has_code(piece)]


def _has_code(piece: str) -> bool:
    return any(line.strip() and not line.strip().startswith("--") for line in piece.splitlines())
