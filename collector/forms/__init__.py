"""One file a form: how bodies that the engine does not read by itself become event lines."""
