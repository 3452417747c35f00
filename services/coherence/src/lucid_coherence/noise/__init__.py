"""Noise estimated from measured data, and expectation values corrected for it."""
