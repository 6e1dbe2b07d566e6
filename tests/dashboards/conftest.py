"""The pages on an empty warehouse, on the sample quarter, and served to a browser."""

from collections.abc import Iterator

import pytest

from core.clock import FixedClock
from core.settings import load_settings
from core.store import Store
from dashboards import data
from tests.dashboards.arrange import Sample, Served, sample_quarter, serve


@pytest.fixture(scope="session")
def sample(engine_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    """A small sample quarter, sent through the collector's writer and traced; never changed."""
    made = sample_quarter(engine_dsn, tmp_path_factory.mktemp("sample"))
    yield made
    made.app.close()


@pytest.fixture
def on_sample(sample: Sample) -> Iterator[Sample]:
    """The pages show the sample quarter."""
    data.configure(sample.app.store, sample.app.settings, sample.app.clock, sample.alerts)
    yield sample
    data.close()


@pytest.fixture
def on_empty(store: Store, clock: FixedClock) -> Iterator[Store]:
    """The pages show a warehouse that nothing was ever sent to."""
    data.configure(store, load_settings(), clock)
    yield store
    data.close()


@pytest.fixture
def served(on_sample: Sample) -> Iterator[Served]:
    """The pages on the sample quarter, served over HTTP."""
    with serve(on_sample.app.settings) as running:
        yield running
