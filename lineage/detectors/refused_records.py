"""Records that were refused for a field: one that has no place, or one that used to be good."""

from lineage.detector import Detector

DETECTOR = Detector(
    name="refused_records",
    scope="sources",
    kinds=("governance/unmapped_field", "governance/schema_drift"),
    version="3",
)
