-- How paths of a type of revenue event begin.
SELECT process, engagement, actions, roles FROM process_stages WHERE position = 1 AND root_type = {type:String} ORDER BY process
