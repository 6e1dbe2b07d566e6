"""How documents look in a terminal. Pure: a document in, lines on a Rich console out."""
