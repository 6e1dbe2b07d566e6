"""Detectors, one stem each: see `lineage.detector` for their contract."""
