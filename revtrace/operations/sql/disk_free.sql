-- What is left of the disk that the warehouse writes to, the fullest one of them.
SELECT min(unreserved_space) AS free
FROM system.disks
WHERE type = 'Local'
