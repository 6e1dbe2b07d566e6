-- The stage of each process that has to be done before the books of a period close.
CREATE OR REPLACE VIEW v_cutoffs {{on_cluster}} AS
SELECT process, stage, position FROM process_stages WHERE is_cutoff
