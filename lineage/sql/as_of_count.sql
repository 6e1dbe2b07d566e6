SELECT count() FROM events WHERE batch <= {batch:UInt64} AND admitted_at <= {at:DateTime64(6, 'UTC')}
