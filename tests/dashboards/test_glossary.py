"""Every name that the engine uses has business words."""

import re
from pathlib import Path

import pytest

from dashboards import glossary
from lineage.process import load_processes

PROCESSES = load_processes()
RUNBOOKS = Path(__file__).parents[2] / "alerts" / "runbooks"


@pytest.mark.parametrize("name", sorted(PROCESSES))
def test_shipped_processes_and_their_stages_have_words(name: str) -> None:
    assert name in glossary.PROCESSES
    assert not {stage.name for stage in PROCESSES[name].stages} - set(glossary.STAGES)


def test_kinds_that_have_a_runbook_have_words() -> None:
    """Runbooks are named kind-subkind: each pair that somebody may be sent to has words."""
    for runbook in RUNBOOKS.glob("*.md"):
        kind, _, subkind = runbook.stem.partition("-")
        if runbook.stem == "close-recovery":
            # The one runbook of a whole close, to which no single finding leads.
            continue
        assert kind in glossary.KINDS
        assert not subkind or subkind in glossary.SUBKINDS


def test_an_unknown_name_is_written_as_its_own_words() -> None:
    assert glossary.label(glossary.PROCESSES, "tax_review") == "Tax review"
    assert glossary.stage_done("erp_check") == "ERP check"
    assert glossary.stage_waiting("erp_check") == "Waiting for: erp check"
    assert glossary.system("oracle-emea") == "Oracle EMEA"
    assert glossary.object_name("tax_filing/7/a") == "Tax filing 7/a"
    assert glossary.object_name("no key") == "no key"
    key = "control/billing_posted/C-1/a/USD/2026-09/US01"
    assert glossary.object_name(key) == "C-1/a, 2026-09, USD"
    assert glossary.object_name("control/billing_posted//USD/2026-09/") == (
        "No contract, 2026-09, USD"
    )
    assert glossary.object_name("source/netsuite-us") == "NetSuite US"


def test_stages_are_sorted_in_the_order_of_business() -> None:
    shuffled = ["posted", "zebra", "approved", "invoiced", "antelope", "billed"]
    assert sorted(shuffled, key=glossary.stage_place) == [
        *("approved", "billed", "invoiced", "posted"),
        *("antelope", "zebra"),
    ]


def test_explanations_are_worded_without_keys() -> None:
    said = glossary.worded("billing_event/BE-1/2 waits for stage mapped, due at 2026-09-01 UTC")
    assert said.startswith("Billing event BE-1/2 waits for step “Translated for the ERP”, due")
    said = glossary.worded("tax_filing/7 went on to stage posted", "tax_filing/7")
    assert said == "Tax filing 7 went on to step “Posted to the ledger”"
    said = glossary.worded("Stage project_in_erp was completed 1 day after it was due.")
    assert said == "Step “Project in the ERP” was completed 1 day after it was due."
    # The plain word, and what a system says itself, are no names of stages.
    said = glossary.worded("its role is not known, so it completes no stage that asks for one.")
    assert said == "Its role is not known, so it completes no step that asks for one."
    refused = "Invoice 1 failed at posted in erp: cannot go to stage gold"
    assert glossary.worded(refused) == refused
    assert glossary.worded("") == ""
    assert glossary.worded("HTTP/1.1 502 from a/b") == "HTTP/1.1 502 from a/b"


def test_labels_are_sentence_case() -> None:
    for words in (glossary.PATH_STATES, glossary.KINDS, glossary.SUBKINDS, glossary.GRADES):
        for word in words.values():
            assert re.match(r"[A-Z]", word.label)
            assert "_" not in word.label
