"""Two systems that do not agree on the money of a contract, currency, period and legal entity."""

from lineage.detector import Detector

DETECTOR = Detector(
    name="reconciliation_break", scope="controls", kinds=("reconciliation_break",), version="4"
)
