"""Alerts: which findings somebody must hear of, told once per state change and channel.

findings > evaluate > group > intend (journal) > send > record. Only the ends touch the world: the
journal writes tables, notifiers send; everything between takes values and returns values. See
docs/alerts.md.
"""
