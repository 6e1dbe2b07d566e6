"""Floor 4: the command line, the wiring and the one-process service. Nobody imports it."""
