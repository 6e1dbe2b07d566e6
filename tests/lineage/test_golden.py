"""Every shipped process follows its golden example, and the page of processes is made from them."""

from core.store import Store
from lineage.process import load_processes
from tests import processes_document
from tests.lineage.golden_paths import FOLDER, expected, traced


def test_every_process_has_a_golden_example_and_follows_it(store: Store) -> None:
    names = sorted(load_processes())
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == names
    told = traced(store, names)
    for name in names:
        assert told[name] == expected(name) | {"process": name}


def test_the_page_of_processes_is_as_the_files_say() -> None:
    """When this fails, run `python -m tests.processes_document`."""
    assert processes_document.PAGE.read_text(encoding="utf-8") == processes_document.rendered()
