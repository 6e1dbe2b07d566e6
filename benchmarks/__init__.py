"""Benchmarks: one file a target of DESIGN section 10, as ratios to a baseline of the same run."""
