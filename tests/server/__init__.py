"""A genuine ClickHouse server for the tests, without containers and without root."""
