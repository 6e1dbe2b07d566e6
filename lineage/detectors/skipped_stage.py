"""Required stages that a revenue event went past without them."""

from lineage.detector import Detector

DETECTOR = Detector(
    name="skipped_stage", scope="roots", kinds=("conformance/skipped_stage",), version="2"
)
