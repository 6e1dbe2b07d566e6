"""Floor 1: how bytes come in, are kept, and become events."""
