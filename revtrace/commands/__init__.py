"""The commands: what they take and how they end. What they do is in `operations`, how it looks in
`render`.
"""
