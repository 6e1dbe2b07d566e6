"""The script that Streamlit runs for every view: navigation, style, the page that was asked for."""

from pathlib import Path

import streamlit as st

from dashboards import page

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
    page.show(chosen.run)


main()
