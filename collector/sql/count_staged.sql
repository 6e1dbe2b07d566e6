SELECT count() FROM {staged:Identifier}
