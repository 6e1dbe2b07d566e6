SELECT line FROM broken
