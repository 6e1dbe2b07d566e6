"""How a file of a source is read: by which format, and by which declared mapping: the one in the
config folder's `mappings/` that names the source and fits the format, else the one that the
source's own file names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from collector.file_format import FileFormat, head_of, load_formats
from collector.file_formats import ndjson, ocel
from collector.mapping import AnyMapping, CsvMapping, read_mapping
from collector.receivers.files import format_of
from collector.source import Source
from core.errors import ConfigInvalid

Sources = Mapping[str, Source]


@dataclass(frozen=True)
class Reading:
    """How a file is read; `told_by` is what told its format where nobody said it."""

    form: FileFormat
    told_by: str
    mapping: AnyMapping | None


def reading_of(
    path: Path, format: str, source: str, folder: Path | None, sources: Sources | None
) -> Reading:
    """How a file of a source is read where no mapping is given; raises BadInput and ConfigInvalid.

    A source whose mapping is of payloads has its say where only the first key speaks for OCEL.
    """
    form, told_by = format_of(path, format)
    if form.NAME == ocel.NAME and told_by == "content" and ocel.claims_only_by_key(head_of(path)):
        plain = load_formats()[ndjson.NAME]
        mapping = declared_mapping(folder, source, plain, sources)
        if mapping is not None:
            return Reading(plain, told_by, mapping)
    return Reading(form, told_by, declared_mapping(folder, source, form, sources))


def declared_mapping(
    folder: Path | None,
    source: str,
    form: FileFormat,
    sources: Sources | None = None,
) -> AnyMapping | None:
    """The mapping of a source for a format, None where none is declared; of two that fit the one
    made for that very format. Raises ConfigInvalid when it cannot be told which is meant.
    """
    if form.MAPPING is None or not source:
        return None
    found = _of_folder(folder, source, form, form.MAPPING) if folder is not None else None
    own = sources[source].mapping if sources and source in sources else None
    return found or (own if isinstance(own, form.MAPPING) else None)


def _of_folder(folder: Path, source: str, form: FileFormat, kind: type) -> AnyMapping | None:
    fitting: dict[Path, AnyMapping] = {}
    for path in sorted((folder / "mappings").glob("*.toml")):
        mapping = read_mapping(path)
        if mapping.source == source and isinstance(mapping, kind):
            fitting[path] = mapping
    exact = {
        path: mapping
        for path, mapping in fitting.items()
        if not isinstance(mapping, CsvMapping) or mapping.format == form.NAME
    }
    found = exact or fitting
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        raise ConfigInvalid(
            f"{names} are both for {form.NAME} files of {source}", "", "Keep one of them"
        )
    return next(iter(found.values()), None)
