"""Billing events and invoices that were made with terms that were no longer in force."""

from lineage.detector import Detector

DETECTOR = Detector(
    name="stale_terms",
    scope="objects",
    kinds=("conformance/stale_terms",),
    version="2",
    reads=("billing_event", "invoice", "contract"),
    holds=("subjects",),
)
