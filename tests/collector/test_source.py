"""Sources are declared one file each; the config folder adds to and overrides the shipped ones."""

from datetime import timedelta
from pathlib import Path

import pytest

from collector.reader import CollectorReader
from collector.source import SHIPPED, load_sources
from core.clock import FixedClock
from core.errors import ConfigInvalid
from core.store import Store
from tests.collector.arrange import body, event, make_writer, receipt


def overlay(folder: Path, **files: str) -> Path:
    (folder / "sources").mkdir()
    for name, text in files.items():
        (folder / "sources" / f"{name}.toml").write_text(text)
    return folder


def test_shipped_sources_are_named_as_their_files() -> None:
    found = load_sources()
    assert set(found) == {path.stem for path in SHIPPED.glob("*.toml")}
    assert found["netsuite-us"].role == "erp"
    assert found["netsuite-us"].expected_every == timedelta(days=1)


def test_the_config_folder_adds_and_overrides(tmp_path: Path) -> None:
    folder = overlay(
        tmp_path,
        mine='name = "netsuite-us"\nrole = "billing"',
        new='name = "sap"\nrole = "erp"\nexpected_every = "4h"',
        slashes='name = "/psa/eu"\nrole = "psa"',
    )
    found = load_sources(folder)
    assert (found["netsuite-us"].role, found["sap"].role) == ("billing", "erp")
    assert (found["salesforce"].role, found["/psa/eu"].role) == ("crm", "psa")
    assert load_sources(tmp_path / "empty") == load_sources()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('role = "erp"', "name"),
        ('name = "x"', "role"),
        ('name = "x"\nrol = "erp"', "key 'role': is missing, and 'rol' is there; did you mean"),
        ('name = "x"\nrole = "boss"', "unknown"),
        ('name = "x"\nrole = "erp"\nexpected_evry = "1d"', "unknown key"),
        ('name = "x"\nrole = "erp"\nexpected_every = "soon"', "no duration"),
    ],
)
def test_a_wrong_file_names_its_key(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigInvalid, match=says):
        load_sources(overlay(tmp_path, wrong=text))


def test_a_name_declared_twice_is_refused(tmp_path: Path) -> None:
    folder = overlay(tmp_path, one='name = "x"\nrole = "erp"', two='name = "x"\nrole = "psa"')
    with pytest.raises(ConfigInvalid, match="twice"):
        load_sources(folder)


def test_the_read_door_tells_what_was_received(store: Store, clock: FixedClock) -> None:
    writer = make_writer(store, clock)
    writer.sources.declare(load_sources().values())
    told = receipt(writer, body(event(), event(), event(action="X"), event(source="somebody")))
    reader = CollectorReader(store)
    assert reader.totals() == {
        "deliveries": 1,
        "received": 4,
        "stored": 2,
        "duplicates": 1,
        "quarantined": 1,
        "skipped": 0,
        "unbalanced": 0,
    }
    assert [row["delivery"] for row in reader.deliveries()] == [told.delivery]
    assert reader.hours(clock.now().replace(minute=0))[0]["balances"] == 1
    held = reader.quarantine(reason="pattern")[0]
    assert (held["field"], held["meaning"]) == (
        "action",
        "the text is not in the form that the contract asks for",
    )
    assert reader.quarantined(held["delivery"], held["record"]) is not None
    assert reader.quarantined("none", 1) is None
    heard = {row["name"]: (row["role"], row["events"]) for row in reader.sources()}
    assert heard["netsuite-us"] == ("erp", 1)
    assert heard["somebody"] == ("unknown", 1)
    assert heard["salesforce"] == ("crm", 0)
    assert reader.files() == []
