-- What the objects that have become a name of another bore a share of: they bear nothing more.
INSERT INTO work_credited (object_hash)
SELECT DISTINCT target_hash FROM credit_shares
WHERE root_hash IN (SELECT object_hash FROM work_members WHERE object_hash != class_hash)
