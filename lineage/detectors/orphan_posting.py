"""Postings of an ERP that nothing leads to."""

from lineage.detector import Detector

DETECTOR = Detector(
    name="orphan_posting",
    scope="objects",
    kinds=("missing_source/orphan_posting",),
    version="3",
    holds=("subjects",),
)
