"""Serves the pages as an ASGI application: the one place that sets options of Streamlit."""

from pathlib import Path

from streamlit import config
from streamlit.starlette import App

from core.settings import Settings

SCRIPT = Path(__file__).parent / "app.py"
THEME = Path(__file__).parent / "theme.toml"


def options(settings: Settings) -> dict[str, object]:
    """The options of Streamlit; a `.streamlit` folder may add to them and not undo them."""
    return {
        "theme.base": str(THEME),
        "server.headless": True,
        "server.address": settings.dashboards.host,
        "server.port": settings.dashboards.port,
        # Code does not change under a running service, and watching it costs memory and threads.
        "server.fileWatcherType": "none",
        "server.runOnSave": False,
        "server.maxUploadSize": 1,
        # A closed browser tab is forgotten soon: its session holds the rows it was shown.
        "server.disconnectedSessionTTL": 60,
        "runner.magicEnabled": False,
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "minimal",
        # What went wrong is for the log; a reader of the page gets our own words.
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
    }


def asgi_app(settings: Settings) -> App:
    """Return the pages as an application for uvicorn; `dashboards.data.configure` comes first."""
    config.get_config_options(force_reparse=True, options_from_flags=options(settings))
    return App(SCRIPT)
