SELECT count() FROM superseding
