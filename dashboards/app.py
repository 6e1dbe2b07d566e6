"""The script that Streamlit runs for every view: navigation, style, the page that was asked for."""

import logging
from pathlib import Path

import streamlit as st

from core.errors import RevtraceError
from dashboards import page

log = logging.getLogger("dashboards.app")

HERE = Path(page.__file__).parent


def main() -> None:
    """Show the page that the URL names."""
    # Pictures of our own: Streamlit fetches its named icons for a browser tab from another company.
    st.set_page_config(page_title="revtrace", page_icon=HERE / "mark.svg", layout="wide")
    st.logo(HERE / "logo.svg", size="large")
    st.html(HERE / "theme.css")
    found = page.pages()
    chosen = st.navigation(
        [
            st.Page(
                one.render,
                title=one.title,
                icon=one.icon,
                url_path=one.name,
                default=place == 0,
            )
            for place, one in enumerate(found)
        ],
        position="top",
    )
    try:
        chosen.run()
    except RevtraceError as error:
        page.trouble(error)
    except Exception:
        # The named loop of a page: one broken view is logged in full and must not show its insides.
        log.exception("the page %s broke", chosen.title)
        st.error("This page broke. The log of revtrace says why.")


main()
