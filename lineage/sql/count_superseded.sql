SELECT count() FROM superseded_events WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64}
