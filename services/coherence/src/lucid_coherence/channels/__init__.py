"""Quantum channels: four ways to write one, what makes one physical, and how far two are apart.

The one idea to hold: a channel is kept as its Choi matrix with the input system first,
C = Σ_ij |i⟩⟨j| ⊗ E(|i⟩⟨j|), which has trace d for a trace-preserving map; every other form is a
rearrangement or a factor of it. Pure mathematics: no clock, no chance, no input or output.
"""
