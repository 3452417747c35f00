"""Quantum channels: their forms, conversions, noise models and distances."""
