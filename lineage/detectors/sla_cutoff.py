"""Stages that had to be done before the books of their period close, and were not."""

from lineage.detector import Detector

DETECTOR = Detector(name="sla_cutoff", scope="roots", kinds=("sla_breach/cutoff",), version="2")
