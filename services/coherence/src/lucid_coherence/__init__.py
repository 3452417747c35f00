"""The coherence service: finite-dimensional quantum states and what can be certified about them."""
