"""One file a page; see dashboards.page for what it must hold."""
