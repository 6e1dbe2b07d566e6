"""Floor 0: the words of revtrace and the door to its warehouse; it imports no floor above it."""
