"""Certified horizons of the coherence of any Markovian system of one or two qubits.

The exact generator, an approximate trajectory with an exactly known residual, a tube around it that
every trajectory stays in, and linear witnesses of C_l1 inside of the tube.
"""
