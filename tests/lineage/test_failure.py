"""The failure catalogue: what it knows, how it refuses, and that the engine reads it alike."""

import re
from pathlib import Path

import pytest

from core.errors import ConfigInvalid
from core.store import SqlFolder, Store
from lineage.failure import SUBKINDS, Example, FailurePattern, load_failures
from revtrace.simulate.faults import FAILURES

SQL = SqlFolder(__file__)
WORDS = {"project": "PRJ-1", "entity": "US01", "customer": "CUST-1", "period": "2026-09"}
TRANSIENT = {"rate_limit", "timeout", "connection"}
SHIPPED = load_failures()
GOOD = """
[[pattern]]
name = "one"
code = "^E1$"
subkind = "auth"
class = "transient"
advice = "Try again."
"""
# Errors as the systems give them: source, code, message, the subkind and whether it heals on retry.
REAL = [
    ("netsuite-us", "SSS_REQUEST_LIMIT_EXCEEDED", "Request Limit Exceeded", "rate_limit", True),
    ("netsuite-us", "RCRD_DSNT_EXIST", "That record does not exist.", "validation", False),
    ("netsuite-us", "RCRD_HAS_BEEN_CHANGED", "Record has been changed", "validation", True),
    ("netsuite-us", "CLOSED_TRAN_PRD", "", "period_closed", False),
    (
        "netsuite-us",
        "USER_ERROR",
        "You cannot post to this period because the period is closed.",
        "period_closed",
        False,
    ),
    ("netsuite-us", "USER_ERROR", "Please enter value(s) for: Tax Code", "tax", False),
    ("netsuite-us", "USER_ERROR", "Please enter value(s) for: Item", "validation", False),
    ("netsuite-us", "INSUFFICIENT_PERMISSION", "", "auth", False),
    ("salesforce", "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access", "timeout", True),
    ("salesforce", "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", "rate_limit", True),
    ("salesforce", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Close date", "validation", False),
    ("salesforce", "INVALID_SESSION_ID", "Session expired or invalid", "auth", True),
    ("salesforce", "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", "mapping", False),
    (
        "dynamics365-emea",
        "",
        "Fiscal period Period 9 for 30.09.2026 is not open.",
        "period_closed",
        False,
    ),
    ("dynamics365-emea", "0x80072322", "Combined execution time", "rate_limit", True),
    ("dynamics365-emea", "AADSTS7000215", "Invalid client secret provided.", "auth", False),
    (
        "dynamics365-emea",
        "",
        "Write failed for table row of type 'CustInvoiceHeaderEntity'.",
        "validation",
        False,
    ),
    (
        "workday",
        "SOAP-ENV:Client.validationError",
        "Invalid ID value. 'X1' is not a valid ID value for type = 'Organization_Reference_ID'",
        "mapping",
        False,
    ),
    ("workday", "Validation_Fault", "The ledger period is closed.", "period_closed", False),
    ("workday", "Validation_Fault", "Enter a memo.", "validation", False),
    ("mulesoft", "HTTP:TIMEOUT", "", "timeout", True),
    ("mulesoft", "DB:CONNECTIVITY", "", "connection", True),
    ("mulesoft", "MULE:EXPRESSION", "Cannot coerce Null to Number", "mapping", False),
    ("mulesoft", "HTTP:UNAUTHORIZED", "", "auth", False),
    ("mulesoft", "MULE:RETRY_EXHAUSTED", "", "connection", True),
    ("boomi", "", "Cross Reference Lookup returned no match for PSA-17", "mapping", False),
    ("boomi", "", "Connection refused (Connection refused)", "connection", True),
    ("any", "401", "", "auth", False),
    ("any", "HTTP 403", "", "auth", False),
    ("any", "HTTP_408", "", "timeout", True),
    ("any", "429", "", "rate_limit", True),
    ("any", "502", "", "connection", True),
    ("any", "http 503", "", "connection", True),
    ("any", "504", "", "timeout", True),
    ("any", "ECONNRESET", "socket hang up", "connection", True),
    # What says nothing of its cause is not guessed.
    ("any", "500", "Internal Server Error", "unknown", False),
    ("salesforce", "UNKNOWN_EXCEPTION", "An unexpected error occurred.", "unknown", False),
    ("mulesoft", "MULE:UNKNOWN", "", "unknown", False),
    ("any", "1429", "", "unknown", False),
    ("any", "", "", "unknown", False),
]


def known(source: str, code: str, message: str) -> FailurePattern | None:
    """The first pattern that matches, as the engine is to find it."""
    error = Example(source, code, message)
    return next((pattern for pattern in SHIPPED if pattern.matches(error)), None)


@pytest.mark.parametrize("name", [pattern.name for pattern in SHIPPED])
def test_every_pattern_has_an_example_that_it_alone_explains(name: str) -> None:
    pattern = next(one for one in SHIPPED if one.name == name)
    assert pattern.example is not None
    error = pattern.example
    first = known(error.source, error.code, error.message)
    assert first is not None
    assert first.name == name


def test_advice_says_whether_to_send_again() -> None:
    words = re.compile("retry|[Ss]end(ing)? again|rerun|bill again|it succeeds|existing one")
    silent = [pattern.name for pattern in SHIPPED if not words.search(pattern.advice)]
    assert silent == []


@pytest.mark.parametrize(("source", "code", "message", "subkind", "heals"), REAL)
def test_errors_of_real_systems_are_known(
    source: str, code: str, message: str, subkind: str, heals: bool
) -> None:
    pattern = known(source, code, message)
    assert (pattern.subkind if pattern else "unknown") == subkind
    assert (pattern is not None and pattern.failure_class == "transient") == heals


@pytest.mark.parametrize("name", FAILURES)
def test_every_error_of_the_sample_quarter_has_its_subkind_and_class(name: str) -> None:
    seeded = FAILURES[name]
    pattern = known(seeded.source, seeded.code, seeded.message.format(**WORDS))
    if seeded.subkind == "unknown":
        assert pattern is None
    else:
        assert pattern is not None
        assert pattern.subkind == seeded.subkind
        heals = seeded.subkind in TRANSIENT
        assert pattern.failure_class == ("transient" if heals else "finance_critical")


def test_names_are_different_and_every_subkind_is_told_apart() -> None:
    assert len({pattern.name for pattern in SHIPPED}) == len(SHIPPED)
    assert {pattern.subkind for pattern in SHIPPED} == set(SUBKINDS)


def test_every_subkind_has_its_runbook() -> None:
    books = Path(__file__).parents[2] / "alerts" / "runbooks"
    assert not [one.runbook for one in SHIPPED if not (books / f"{one.runbook}.md").is_file()]


def test_the_engine_matches_as_python_does(any_store: Store) -> None:
    texts = [text for source, code, message, *_ in REAL for text in (source, code, message)]
    texts += [one.message.format(**WORDS) for one in FAILURES.values()]
    texts += [one.code for one in FAILURES.values()]
    texts += ["Zeitüberschreitung", "tax\ncode", "Ünvalid TAX Code", "429\n", " 401", "\x00"]
    expressions = [text for one in SHIPPED for text in (one.source, one.code, one.message) if text]
    rows = any_store.rows(SQL["match_all"], {"expressions": expressions, "texts": texts})
    told = {(row["expression"], row["text"]) for row in rows}
    right = {
        (expression, text)
        for expression in expressions
        for text in texts
        # Python's dollar takes a line's end before the end; the engine's does not.
        if re.search(re.sub(r"\$(?=$|\))", r"\\Z", expression), text, re.DOTALL)
    }
    assert told == right


def test_an_overlay_replaces_the_file_of_its_stem_and_is_tried_first(tmp_path: Path) -> None:
    (tmp_path / "http.toml").write_text(GOOD)
    patterns = load_failures(tmp_path)
    assert patterns[0].name == "one"
    assert not any(one.name.startswith("http_") for one in patterns)
    assert any(one.name.startswith("netsuite_") for one in patterns)


def test_no_overlay_folder_is_the_shipped_catalogue(tmp_path: Path) -> None:
    assert load_failures(tmp_path / "none") == SHIPPED


def test_the_version_changes_with_the_meaning_only(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(GOOD)
    before = load_failures(tmp_path)[0].version
    file.write_text("# a comment\n" + GOOD + 'example = { code = "E1", message = "No." }\n')
    assert load_failures(tmp_path)[0].version == before
    file.write_text(GOOD.replace("^E1$", "^E2$"))
    assert load_failures(tmp_path)[0].version != before


@pytest.mark.parametrize(
    ("written", "key", "why"),
    [
        ('code = "^E1$"\n', "code", "match every error"),
        ('name = "one"\n', "name", "is missing"),
        ('subkind = "auth"\n', "subkind", "is missing"),
        ('advice = "Try again."\n', "advice", "is missing"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, written: str, key: str, why: str) -> None:
    refused(tmp_path, GOOD.replace(written, ""), key, why)


@pytest.mark.parametrize(
    ("old", "new", "key", "why"),
    [
        ('"auth"', '"magic"', "subkind", "'magic' is not known"),
        ('"transient"', '"fatal"', "class", "'fatal' is not known"),
        ("code =", "cod =", "code", "match every error"),
        ("advice =", 'wrong = "x"\nadvice =', "wrong", "unknown key"),
        ("advice =", 'example = { code = "E2" }\nadvice =', "example", "is not matched"),
        ("advice =", 'example = "E1"\nadvice =', "example", "is not a table"),
        ('"^E1$"', '"(E1"', "code", "is no regular expression"),
        ('"^E1$"', "'E(?=1)'", "code", "does not have"),
        ('"^E1$"', "'(?<!E)1'", "code", "does not have"),
        ('"^E1$"', r"'(E)\1'", "code", "does not have"),
        ('"^E1$"', "'E++1'", "code", "does not have"),
        ('"^E1$"', "'(?>E)1'", "code", "does not have"),
        ('"^E1$"', r"'E1\Z'", "code", "does not have"),
        ('"^E1$"', "'E{1000}'", "code", "does not have"),
        ('"^E1$"', "7", "code", "is not a string"),
        ('"^E1$"', '""', "code", "is empty"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, key: str, why: str) -> None:
    refused(tmp_path, GOOD.replace(old, new), key, why)


@pytest.mark.parametrize("text", ["'[*+]+E'", r"'[\]?+]+'", r"'\\1'", r"'a\+\+'", "'(?i)e1'"])
def test_what_only_looks_like_it_is_taken(tmp_path: Path, text: str) -> None:
    (tmp_path / "own.toml").write_text(GOOD.replace('"^E1$"', text))
    assert load_failures(tmp_path)[0].code == text.strip("'")


def refused(folder: Path, text: str, key: str, why: str) -> None:
    """The text is refused, naming file, table, key and reason."""
    (folder / "own.toml").write_text(text)
    with pytest.raises(ConfigInvalid) as caught:
        load_failures(folder)
    said = str(caught.value)
    assert "own.toml" in said
    assert "[[pattern]] number 1" in said
    assert f"key '{key}'" in said
    assert why in said
