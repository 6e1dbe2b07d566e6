"""The table of what was posted: currency by currency, each with all of it."""

from dashboards.app_pages import coverage


def test_each_currency_stands_together_and_ends_with_all_of_it() -> None:
    """Also the one that only one kind of revenue was posted in."""
    shares = [("EUR", "expenses", 1.0), ("GBP", "expenses", 0.9), ("EUR", "credits", 0.5)]
    posted = [
        {"currency": currency, "process": process, "share_of_postings": share}
        for currency, process, share in shares
    ]
    told = {"posted": posted, "totals": [{"currency": "EUR"}, {"currency": "GBP"}]}
    assert [(row["currency"], row["process"]) for row in coverage.posted_rows(told, "")] == [
        *(("EUR", "credits"), ("EUR", "expenses"), ("EUR", "")),
        *(("GBP", "expenses"), ("GBP", "")),
    ]
    assert all(row["process"] for row in coverage.posted_rows(told, "expenses"))
