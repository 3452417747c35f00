"""Open quantum systems: Markovian evolution, and how long coherence is certain to last.

The one idea to hold: a Lindblad equation is a linear ordinary differential equation, so its
solution is a matrix exponential, and its Bloch form is a polynomial system that a barrier
certificate can speak about. Pure mathematics: no clock, no chance, no input or output.
"""
