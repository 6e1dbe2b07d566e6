"""What comes with revtrace: the files of each kind of declaration, and plugins that are code."""


def shipped(kind: str) -> frozenset[str]:
    """The names of the files of one kind that come with revtrace."""
    from alerts import rule, runbook
    from collector import source
    from core import calendar
    from lineage import control, failure, match, process

    folders = {
        "processes": process.SHIPPED,
        "calendars": calendar.SHIPPED,
        "failures": failure.SHIPPED,
        "controls": control.SHIPPED,
        "matches": match.SHIPPED,
        "sources": source.SHIPPED,
        "mappings": source.SHIPPED_MAPPINGS,
        "rules": rule.SHIPPED,
        "runbooks": runbook.SHIPPED,
    }
    folder = folders.get(kind)
    return frozenset(path.stem for path in folder.iterdir()) if folder else frozenset()


def plugins() -> dict[str, list[str]]:
    """What was found in the folders of plugins that are code."""
    from lineage.detector import load_detectors
    from revtrace.wiring_alerts import channel_names

    return {
        "detectors": [detector.name for detector in load_detectors()],
        "channels": sorted(channel_names()),
    }
