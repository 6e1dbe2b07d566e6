"""Which declared mapping a source's files are read by: the one in the config folder's `mappings/`
that names the source and fits the format.
"""

from pathlib import Path

from collector.file_format import FileFormat
from collector.mapping import AnyMapping, CsvMapping, read_mapping
from core.errors import ConfigInvalid


def declared_mapping(folder: Path | None, source: str, form: FileFormat) -> AnyMapping | None:
    """The mapping of a source for a format, None where none is declared; of two that fit the one
    made for that very format. Raises ConfigInvalid when it cannot be told which is meant.
    """
    if folder is None or form.MAPPING is None or not source:
        return None
    fitting: dict[Path, AnyMapping] = {}
    for path in sorted((folder / "mappings").glob("*.toml")):
        mapping = read_mapping(path)
        if mapping.source == source and isinstance(mapping, form.MAPPING):
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
