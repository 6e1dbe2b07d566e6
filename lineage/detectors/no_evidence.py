"""Revenue that was recognized before the work behind it was approved, or without approval."""

from lineage.detector import Detector

DETECTOR = Detector(
    name="no_evidence", scope="roots", kinds=("conformance/no_evidence",), version="2"
)
