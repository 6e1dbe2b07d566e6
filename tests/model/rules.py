"""Random match rules for the worlds of Hypothesis."""

from datetime import timedelta

from hypothesis import strategies as st

from lineage.match import Match


@st.composite
def rules(draw: st.DrawFn, types: tuple[str, ...]) -> dict[str, Match]:
    """Up to two match rules, each from one of these types to the next."""
    downs = draw(st.lists(st.sampled_from(types[1:]), max_size=2, unique=True))
    found = {}
    for down in downs:
        found[f"match_{down}"] = Match(
            name=f"match_{down}",
            up=types[types.index(down) - 1],
            down=down,
            same=draw(st.sampled_from([("contract",), ("contract", "legal_entity")])),
            within=draw(st.sampled_from([timedelta(hours=8), timedelta(days=7)])),
            early=draw(st.sampled_from([timedelta(0), timedelta(hours=8)])),
            similar=draw(st.sampled_from([(), ("id",), ("id", "note")])),
            score_min=draw(st.sampled_from([0, 50])),
            version=down,
        )
    return found
