SELECT name FROM system.tables WHERE database = {database:String} AND startsWith(name, 'work_') ORDER BY name
