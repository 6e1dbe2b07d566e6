"""The config folder as it lies there: which of its files are read, and what is in it that nobody
reads. What the files say is the affair of those who read them.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from revtrace.wiring import App

ENDINGS = {
    "sources": ".toml",
    "processes": ".toml",
    "calendars": ".toml",
    "controls": ".toml",
    "failures": ".toml",
    "matches": ".toml",
    "rules": ".toml",
    "runbooks": ".md",
    "mappings": ".toml",
}


@dataclass(frozen=True)
class Unread:
    """Something that nobody reads. `misplaced`: it looks as if it was meant to be read."""

    path: Path
    why: str
    misplaced: bool

    def __str__(self) -> str:
        return f"{self.path} is not read: {self.why}"


def files(folder: Path, kind: str) -> list[str]:
    """The names of the files of one kind, without their ending."""
    ending = ENDINGS[kind]
    return sorted(path.stem for path in (folder / kind).glob(f"*{ending}") if path.is_file())


def unread(folder: Path) -> list[Unread]:
    """What is in the config folder and is read by nobody; hidden files and a README are nobody's
    mistake.
    """
    return [each for path in _visible(folder) for each in _unread_of(path)]


def declared(app: "App") -> dict[str, Callable[[], Iterable[str]]]:
    """Each kind of declaration, and how to read the names of its files."""
    return {
        "processes": lambda: app.processes,
        "calendars": lambda: ["default", *app.calendars.by_entity],
        "failures": lambda: [pattern.name for pattern in app.failures],
        "controls": lambda: app.controls,
        "matches": lambda: app.matches,
        "sources": lambda: app.sources,
        "mappings": lambda: app.mappings,
        "rules": lambda: app.rules,
        "runbooks": lambda: app.runbooks.names(),
    }


def _unread_of(path: Path) -> Iterator[Unread]:
    if path.is_dir() and path.name in ENDINGS:
        ending = ENDINGS[path.name]
        for inner in _visible(path):
            if inner.is_dir():
                yield Unread(inner, f"folders in {path.name} are not looked into", True)
            elif inner.suffix != ending:
                yield Unread(inner, f"the files of {path.name} end in {ending}", True)
        return
    near = difflib.get_close_matches(path.name.lower(), ENDINGS, n=1, cutoff=0.7)
    if path.is_dir():
        known = f"did you mean {near[0]}?" if near else f"the folders are {', '.join(ENDINGS)}"
        declares = any(path.glob("*.toml"))
        yield Unread(path, f"no declarations have that name; {known}", bool(near) or declares)
    else:
        # A mapping may lie anywhere: `import --mapping` names it.
        yield Unread(path, f"declarations lie in the folders {', '.join(ENDINGS)}", False)


def _visible(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if not path.name.startswith(".") and path.stem.lower() != "readme"
    )
