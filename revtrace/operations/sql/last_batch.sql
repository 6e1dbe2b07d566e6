SELECT batch, admitted_at, rows FROM batches ORDER BY batch DESC LIMIT 1
