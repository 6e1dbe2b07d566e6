SELECT count() FROM {copy:Identifier}.events
