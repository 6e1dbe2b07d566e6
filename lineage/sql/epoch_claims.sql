SELECT count() FROM wheel_epochs WHERE epoch = {epoch:UInt64}
