"""The model over random worlds: laws that hold whatever happened; and the worlds are varied."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from core.calendar import load_calendars
from tests.model.paths import Paths, evaluate
from tests.model.worlds import World, worlds

CALENDARS = load_calendars()
# A state may follow from an earlier one only as time passes with nothing new.
ONLY_OVERDUE = {("pending", "overdue"), ("in_flight", "overdue")}


def judged(world: World) -> Paths:
    return evaluate(
        world.events, world.sources, world.processes, CALENDARS, world.now, matches=world.matches
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=worlds(), order=st.randoms(use_true_random=False))
def test_arrival_and_telling_twice_change_nothing(world: World, order: object) -> None:
    before = judged(world)
    events = [*world.events, *world.events[::2]]
    order.shuffle(events)  # type: ignore[attr-defined]
    after = judged(replace(world, events=events))
    assert after == before
    assert after.no_process == before.no_process


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=worlds())
def test_laws_of_every_path(world: World) -> None:
    for root, path in judged(world).items():
        assert path.objects[root].depth == 0
        for key, member in path.objects.items():
            if key != root:
                assert any((up, down) == (member.via, key) for up, down, *_ in path.links)
        for up, down, *_ in path.links:
            assert {up, down} <= set(path.objects)
        for stage in path.stages:
            assert (stage.completed_at is None) == (stage.state not in ("done", "late"))
            assert stage.reached_at is not None or stage.completed_at is None
            assert (stage.stuck_object is None) == (
                not stage.required or stage.completed_at is not None
            )
            assert stage.due_at is None or stage.started_at is not None
            if stage.due_at is not None and stage.started_at is not None:
                assert stage.due_at > stage.started_at
        assert path.stages[0].due_at is None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=worlds())
def test_time_alone_only_makes_things_overdue(world: World) -> None:
    before = judged(world)
    later = world.now + timedelta(days=30)
    after = judged(replace(world, now=later))
    assert set(before) == set(after)
    for root, path in before.items():
        moved = {(path.state, after[root].state)}
        moved |= {
            (one.state, two.state) for one, two in zip(path.stages, after[root].stages, strict=True)
        }
        assert {pair for pair in moved if pair[0] != pair[1]} <= ONLY_OVERDUE


def test_worlds_show_every_state_and_grade() -> None:
    seen: Counter[str] = Counter()

    @seed(1)
    @settings(
        max_examples=300,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(world=worlds())
    def look(world: World) -> None:
        paths = judged(world)
        seen["no process"] += len(paths.no_process)
        bearers = Counter(part[:2] for path in paths.values() for part in path.credits)
        seen["shared"] += sum(bearing > 1 for bearing in bearers.values())
        for path in paths.values():
            seen[f"path {path.state}"] += 1
            seen.update(f"stage {stage.state}" for stage in path.stages)
            seen.update(f"grade {member.grade}" for member in path.objects.values())
            seen["reversed"] += sum(member.reversed for member in path.objects.values())
            seen["due"] += sum(stage.due_at is not None for stage in path.stages)
            seen["credited"] += bool(path.credits)
            seen["cutoff"] += path.cutoff_at is not None
            seen["names"] += len(path.names) > 1

    look()
    wanted = ["no process", "reversed", "credited", "shared", "due", "cutoff", "names"]
    wanted += [f"path {s}" for s in ("cancelled", "complete", "failed", "overdue", "in_flight")]
    wanted += [f"stage {s}" for s in ("done", "late", "failed", "skipped", "overdue", "pending")]
    wanted += [f"grade {grade}" for grade in ("asserted", "alias", "correlated", "inferred")]
    rare = {name: seen[name] for name in wanted if seen[name] < 5}
    assert not rare, f"hardly ever seen: {rare} of {dict(seen)}"
