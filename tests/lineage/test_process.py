"""Processes: what the shipped ones hold, how overlays override, which files are refused."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.declaration import parse_duration
from core.errors import ConfigInvalid
from lineage.process import SHIPPED, Process, load_processes

PLAIN = """
name = "parts"
root = "part"
[[stage]]
name = "made"
object = "part"
actions = ["created"]
[[stage]]
name = "sold"
object = "sale"
actions = ["posted", "closed"]
roles = ["erp"]
within = "1d12h"
within_at_close = "4h"
clock = "business"
[[stage]]
name = "seen"
object = "report"
actions = ["reported"]
required = false
[cutoff]
stage = "sold"
"""
BILLING = ("time_and_materials", "expenses", "milestone_billing", "fixed_fee", "percent_complete")
BILLING_STAGES = ["approved", "billed", "published", "mapped", "invoiced", "posted", "reported"]


def read(folder: Path, text: str = PLAIN, stem: str = "parts") -> dict[str, Process]:
    (folder / f"{stem}.toml").write_text(text)
    return load_processes(folder)


@pytest.mark.parametrize(
    ("name", "root", "engagement"),
    [
        ("time_and_materials", "time_entry", None),
        ("expenses", "expense_item", None),
        ("milestone_billing", "milestone", None),
        ("fixed_fee", "milestone", "fixed_fee"),
        ("percent_complete", "progress_update", None),
        ("retainer", "retainer_period", None),
        ("recognition", "revenue_schedule", None),
        ("contract_change", "change_order", None),
        ("credits", "credit_memo", None),
        ("write_offs", "write_off", None),
        ("cash", "payment", None),
        ("project_setup", "opportunity", None),
    ],
)
def test_shipped_process_has_its_root(name: str, root: str, engagement: str | None) -> None:
    process = load_processes()[name]
    assert (process.root, process.engagement) == (root, engagement)
    assert process.stages[0].object == root


@pytest.mark.parametrize("name", [*BILLING, "retainer"])
def test_billing_processes_run_from_approved_to_reported(name: str) -> None:
    process = load_processes()[name]
    assert [stage.name for stage in process.stages] == BILLING_STAGES
    assert process.types[1:] == ("billing_event", "invoice", "journal_posting")
    assert [stage.required for stage in process.stages] == [True] * 6 + [False]
    assert all(stage.within and stage.within_at_close for stage in process.stages[1:6])
    assert process.cutoff is not None


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_file_is_named_after_its_process(path: Path) -> None:
    process = load_processes()[path.stem]
    for stage in process.stages:
        if stage.within and stage.within_at_close:
            assert stage.within_at_close <= stage.within, "the close is never more patient"


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    process = read(tmp_path)["parts"]
    sold = process.stages[1]
    assert sold.actions == ("posted", "closed")
    assert sold.roles == ("erp",)
    assert sold.within == timedelta(hours=36)
    assert sold.within_at_close == timedelta(hours=4)
    assert sold.clock == "business"
    assert (sold.required, process.stages[2].required) == (True, False)
    assert process.stages[0].clock == "elapsed"
    assert process.types == ("part", "sale", "report")
    assert process.cutoff is not None
    assert process.cutoff.stage == "sold"


def test_version_follows_the_meaning_and_not_the_text(tmp_path: Path) -> None:
    version = read(tmp_path)["parts"].version
    assert read(tmp_path, "# a comment\n" + PLAIN)["parts"].version == version
    assert read(tmp_path, PLAIN.replace('"4h"', '"240m"'))["parts"].version == version
    assert read(tmp_path, PLAIN.replace('"4h"', '"5h"'))["parts"].version != version


def test_an_overlay_adds_and_overrides_by_stem_and_by_name(tmp_path: Path) -> None:
    found = read(tmp_path, PLAIN, stem="cash")
    assert "cash" not in found
    assert found["parts"].root == "part"
    (tmp_path / "cash.toml").unlink()
    renamed = PLAIN.replace('"parts"', '"expenses"')
    assert read(tmp_path, renamed, stem="ours")["expenses"].root == "part"


def test_a_missing_overlay_folder_is_no_overlay(tmp_path: Path) -> None:
    assert load_processes(tmp_path / "absent") == load_processes()


def test_two_processes_of_equal_rank_are_refused(tmp_path: Path) -> None:
    text = PLAIN.replace('"part"', '"time_entry"')
    with pytest.raises(ConfigInvalid, match="'parts' and 'time_and_materials'.*no engagement"):
        read(tmp_path, text)
    text = text.replace("[[stage]]", 'engagement = "day_rate"\n[[stage]]', 1)
    assert read(tmp_path, text)["parts"].engagement == "day_rate"
    read(tmp_path, text, stem="parts")
    with pytest.raises(ConfigInvalid, match="both take 'time_entry' with engagement 'day_rate'"):
        read(tmp_path, text.replace('"parts"', '"others"'), stem="others")


def test_one_name_in_two_files_is_refused(tmp_path: Path) -> None:
    read(tmp_path)
    with pytest.raises(ConfigInvalid, match="second.toml.*'parts' is taken by .*parts.toml"):
        read(tmp_path, PLAIN, stem="second")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "parts"', "", "key 'name'.*missing"),
        ('name = "parts"', 'name = "Parts"', "key 'name'.*snake_case"),
        ('name = "parts"', "name = 3", "key 'name'.*not a string"),
        ('name = "parts"', 'name = ""', "key 'name'.*empty"),
        ('root = "part"', 'root = "part"\nroots = "x"', "key 'roots'.*unknown key"),
        (
            'root = "part"',
            'root = "sale"',
            r"\[\[stage\]\] number 1, key 'object'.*root type",
        ),
        ('within = "1d12h"', 'withn = "2d"', r"\[\[stage\]\] number 2, key 'withn'.*unknown key"),
        ('within = "1d12h"', 'within = "soon"', "'within'.*'2d'"),
        ('within = "1d12h"', 'within = "0h"', "'within'.*above 0"),
        ('within = "1d12h"', "within = 2", "'within'.*duration like '2d'"),
        ('clock = "business"', 'clock = "lunar"', "'clock'.*business, elapsed"),
        ('roles = ["erp"]', 'roles = ["sap"]', "'roles'.*'sap' is unknown.*erp"),
        ('roles = ["erp"]', 'roles = ["erp", "erp"]', "'roles'.*twice"),
        ('roles = ["erp"]', "roles = []", "'roles'.*empty list"),
        ('actions = ["created"]', "", "'actions'.*missing"),
        ('actions = ["created"]', 'actions = "created"', "'actions'.*list"),
        ('actions = ["created"]', 'actions = ["Created"]', "'actions'.*snake_case"),
        ('actions = ["created"]', "actions = [1]", "'actions'.*snake_case"),
        ('actions = ["created"]', 'actions = ["created"]\nwithin = "1h"', "first stage has no due"),
        ('actions = ["created"]', 'actions = ["created"]\nrequired = false', "cannot be optional"),
        ("required = false", 'required = false\nwithin = "1h"', "optional stage has no due"),
        ("required = false", 'required = "no"', "'required'.*true or false"),
        ('name = "sold"', 'name = "made"', "number 2, key 'name'.*taken"),
        ('stage = "sold"', 'stage = "bought"', r"\[cutoff\], key 'stage'.*made, seen, sold"),
        ('stage = "sold"', 'stage = "sold"\nhard = true', r"\[cutoff\], key 'hard'"),
        ("[cutoff]", "[[cutoff]]", "'cutoff'.*table"),
        ('name = "parts"', 'name = "parts', "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_file_table_and_key(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in PLAIN
    with pytest.raises(ConfigInvalid, match=f"parts.toml.*{message}"):
        read(tmp_path, PLAIN.replace(old, new, 1))


def test_a_process_without_stages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="'stage'.*missing"):
        read(tmp_path, 'name = "parts"\nroot = "part"\n')
    with pytest.raises(ConfigInvalid, match="'stage'.*no tables"):
        read(tmp_path, 'name = "parts"\nroot = "part"\nstage = []\n')


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "parts.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigInvalid, match="not UTF-8"):
        load_processes(tmp_path)


def test_an_overlay_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigInvalid, match="no folder"):
        load_processes(tmp_path / "file")


@pytest.mark.parametrize("text", ["", "d", "1", "-1h", "1.5h", "1h1d", "٣h", "1 h", "9999d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration|above 0"):
        parse_duration(text)


def test_durations_add_up() -> None:
    assert parse_duration("1d2h3m4s") == timedelta(days=1, hours=2, minutes=3, seconds=4)
