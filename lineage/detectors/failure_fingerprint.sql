-- One id for all errors of a `code` that say the same: what groups errors that no pattern knows.
lower(hex(sipHash64(trimBoth(code), {{failure_shape}})))
