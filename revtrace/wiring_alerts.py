"""The wiring of alerts: from rules, runbooks and channels to a schedule. Used by `wiring` alone."""

from collections.abc import Callable, Iterable
from pathlib import Path

from alerts.dispatch import Dispatcher, Patience
from alerts.evaluate import Findings
from alerts.journal import Journal
from alerts.message import Writer
from alerts.notifier import Setup, build_notifiers, channels
from alerts.pipeline import Limits, Parts, Pipeline
from alerts.rule import Rule, load_rules
from alerts.runbook import Runbooks
from alerts.schedule import Schedule
from core.clock import Clock, SystemClock
from core.settings import Settings
from core.store import Store


def build_rules(overlay: Path | None) -> dict[str, Rule]:
    """The rules that are on; raises ConfigInvalid."""
    return load_rules(overlay, channels=channels())


def build_schedule(
    store: Store,
    settings: Settings,
    clock: Clock,
    findings: Findings,
    declared: tuple[dict[str, Rule], Runbooks],
    ready: Callable[[], bool],
) -> Schedule:
    """The schedule that evaluates the rules and sends what they say."""
    rules, runbooks = declared
    bounds = settings.alerts
    # Attempts and pauses are told by real time, also when findings are judged as of another
    # instant.
    real = SystemClock()
    notifiers = build_notifiers(Setup(settings, real))
    journal = Journal(store)
    dispatcher = Dispatcher(journal, notifiers, Patience.of(bounds), real)
    parts = Parts(
        findings=findings,
        rules=rules,
        channels=frozenset(notifiers),
        writer=Writer(_pages(settings), runbooks, bounds.alerts_in_message_max),
        journal=journal,
        dispatcher=dispatcher,
        clock=clock,
    )
    limits = Limits(findings_max=bounds.findings_max, pending_max=bounds.pending_max)
    pipeline = Pipeline(parts, limits, ready)
    return Schedule(pipeline.turn, bounds.evaluate_every_seconds, pipeline.interrupt)


def channel_names() -> Iterable[str]:
    """The channels there are, set up or not."""
    return channels()


def _pages(settings: Settings) -> str:
    own = f"http://{settings.dashboards.host}:{settings.dashboards.port}"
    return settings.alerts.dashboards_url or own
