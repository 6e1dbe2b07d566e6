"""Runbooks: what a person does about a kind of finding. One Markdown file each, named
`<kind>-<subkind>.md`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from alerts.finding import Finding
from core.errors import ConfigInvalid

SHIPPED = Path(__file__).parent / "runbooks"
BYTES_MAX = 20_000
FILES_MAX = 1_000

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,99}\Z")


@dataclass(frozen=True, slots=True)
class Runbook:
    """One runbook; `title` is its first heading."""

    name: str
    title: str
    text: str


class Runbooks:
    """All runbooks by name; those of the overlay folder replace shipped ones of that name."""

    def __init__(self, overlay: Path | None = None) -> None:
        self._runbooks = _read(SHIPPED)
        if overlay is not None and overlay.is_dir():
            self._runbooks |= _read(overlay)

    def names(self) -> list[str]:
        return sorted(self._runbooks)

    def get(self, name: str) -> Runbook | None:
        return self._runbooks.get(name)

    def of(self, finding: Finding) -> Runbook | None:
        """The runbook that the finding names, else that of its kind and subkind or kind."""
        named = finding.runbook.rsplit("/", 1)[-1].removesuffix(".md")
        names = (
            named,
            f"{finding.kind}-{finding.subkind}",
            f"{finding.kind}-unknown",
            finding.kind,
        )
        return next((self._runbooks[name] for name in names if name in self._runbooks), None)


def _read(folder: Path) -> dict[str, Runbook]:
    files = sorted(folder.glob("*.md"))
    if len(files) > FILES_MAX:
        raise ConfigInvalid(f"{folder}", f"holds more than {FILES_MAX} runbooks")
    return {path.stem: _runbook(path) for path in files}


def _runbook(path: Path) -> Runbook:
    if not _NAME.match(path.stem):
        raise ConfigInvalid(f"{path}", "is no runbook's name", "Name it <kind>-<subkind>.md")
    try:
        raw = path.read_bytes()
        text = raw.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"{path}", f"cannot be read: {error}", "Save it as UTF-8") from error
    if len(raw) > BYTES_MAX:
        raise ConfigInvalid(f"{path}", f"is larger than {BYTES_MAX} bytes", "Runbooks are short")
    lines = text.strip().splitlines()
    if not lines or not lines[0].startswith("# "):
        raise ConfigInvalid(f"{path}", "does not begin with a heading", "Begin it with '# What'")
    return Runbook(path.stem, lines[0][2:].strip(), text)
