"""Which declared mapping a source's files are read by: the one in the config folder's `mappings/`
that names the source and fits the format, else the one that the source's own file names.
"""

from collections.abc import Mapping
from pathlib import Path

from collector.file_format import FileFormat
from collector.mapping import AnyMapping, CsvMapping, read_mapping
from collector.source import Source
from core.errors import ConfigInvalid


def declared_mapping(
    folder: Path | None,
    source: str,
    form: FileFormat,
    sources: Mapping[str, Source] | None = None,
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
