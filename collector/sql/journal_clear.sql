-- What is in the warehouse is not needed here any more.
DELETE FROM commits WHERE batch <= :batch
