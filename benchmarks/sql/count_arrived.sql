SELECT count() FROM event_arrivals WHERE batch > {batch:UInt64}
