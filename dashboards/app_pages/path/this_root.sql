-- The hash is the order of the table, so that one path is looked up and not searched for.
root_hash = sipHash64(
    substring({root:String}, 1, position({root:String}, '/') - 1),
    substring({root:String}, position({root:String}, '/') + 1)
)
    AND root = {root:String}
