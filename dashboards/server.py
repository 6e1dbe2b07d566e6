"""Serves the pages as an ASGI application: the one place that sets options of Streamlit."""

from collections.abc import Sequence
from pathlib import Path

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.starlette import App

from core.settings import Settings
from dashboards import page

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
    names = [each.name for each in page.pages()]
    return App(SCRIPT, middleware=[Middleware(Rooted, names=names)])


class Rooted:
    """Tells the browser, below the address of a page, where the server is: Streamlit's script would
    look for it below the page first, and fail there, each time somebody follows a link.
    """

    # What would make the answer one that nothing can be written into.
    _UNASKED = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")
    _UNTOLD = (b"content-length", b"etag", b"last-modified", b"accept-ranges")

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self._app = app
        self._names = frozenset(names)
        base = f"location.pathname.replace(/\\/({'|'.join(names)})\\/*$/, '')"
        root = f"window.__streamlit = {{BACKEND_BASE_URL: location.origin + {base} + '/'}}"
        self._script = f"<head><script>{root}</script>".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._is_page(scope):
            await self._app(scope, receive, send)
            return
        asked = [each for each in scope["headers"] if each[0].lower() not in self._UNASKED]
        held: list[Message] = []

        async def tell(message: Message) -> None:
            held.append(message)
            if message["type"] != "http.response.body" or message.get("more_body"):
                return
            body = b"".join(each.get("body", b"") for each in held[1:])
            body = body.replace(b"<head>", self._script, 1)
            headers = [each for each in held[0]["headers"] if each[0].lower() not in self._UNTOLD]
            headers.append((b"content-length", str(len(body)).encode()))
            await send({**held[0], "headers": headers})
            await send({"type": "http.response.body", "body": body})

        await self._app({**scope, "headers": asked}, receive, tell)

    def _is_page(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] != "GET":
            return False
        return scope["path"].rstrip("/").rpartition("/")[2] in self._names
