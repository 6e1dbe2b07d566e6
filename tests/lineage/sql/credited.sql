SELECT root_hash, amount FROM credit_shares FINAL WHERE memo_key = {memo:String} AND NOT deleted
