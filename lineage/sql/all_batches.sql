SELECT max(batch) AS to_batch, sum(rows) AS events, max(admitted_at) AS watermark FROM batches
