"""Stages that wait beyond their limit, and stages that were completed after it."""

from lineage.detector import Detector

DETECTOR = Detector(
    name="sla_breach", scope="roots", kinds=("sla_breach/overdue", "sla_breach/late"), version="2"
)
