"""The slow, obviously right model of lineage (DESIGN section 4): plain Python, no cleverness.

`facts` reads events into objects, links, reversals and failures; `paths` judges them by process;
`worlds` makes random small worlds. The engine's SQL must agree with `paths.evaluate` on all of
them.
"""
