"""A preference as a density matrix over seed features [Busemeyer2012].

The one idea to hold: the diagonal is what a classical profile would say about each feature, the
off-diagonal entries say how undecided the user is between features. The Born rule ranks seeds,
Lueders' rule learns from feedback, and deleting the off-diagonal entries gives the classical
ranking. Pure mathematics: no clock, no chance, no input or output.
"""
