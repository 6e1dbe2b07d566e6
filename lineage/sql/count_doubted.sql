-- Of whom the others take something off, though they were found reversed themselves.
SELECT count() FROM work_takings WHERE by_hash IN (SELECT object_hash FROM work_reversed WHERE round = {round:UInt32})
