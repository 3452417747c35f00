"""Error-correcting codes, their decoders and logical error rates."""
