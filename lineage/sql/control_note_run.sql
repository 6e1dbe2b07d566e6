INSERT INTO control_runs (turn, batch, config, roles)
SELECT {turn:UInt64}, {batch:UInt64}, {config:String}, mapFromArrays({sources:Array(String)}, {roles:Array(String)})
