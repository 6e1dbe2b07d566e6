SELECT count() FROM work_places WHERE place >= {from_place:UInt64} AND place <= {to_place:UInt64}
