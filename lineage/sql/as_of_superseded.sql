-- Events that were there then and that a mended mapping has made otherwise since; of some objects, or of all.
SELECT count() FROM superseded_events FINAL
WHERE superseded_at > {at:DateTime64(6, 'UTC')} AND received_at <= {at:DateTime64(6, 'UTC')}
    AND ({whole:UInt8} OR object_hash IN (SELECT object_hash FROM {copy:Identifier}.work_ancestors))
