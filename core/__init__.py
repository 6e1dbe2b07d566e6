"""Floor 0: the words of revtrace and the door to its warehouse. Imports nothing from the floors above."""
