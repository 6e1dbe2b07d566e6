"""Two objects that say the same of the business: the same hours, receipt or project again."""

from lineage.detector import Detector

DETECTOR = Detector(
    name="business_duplicate",
    scope="objects",
    kinds=("duplicate/business",),
    version="2",
    reads=("time_entry", "expense_item", "project"),
    tells=("score",),
)
