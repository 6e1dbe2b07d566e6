-- The copies that somebody has left behind.
SELECT name FROM system.databases WHERE startsWith(name, {prefix:String})
