"""Links, paths and findings: what the events of many systems say about each revenue event."""
